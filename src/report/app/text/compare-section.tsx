import { useState } from 'preact/hooks';
import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { Segmented } from '../maps/segmented.tsx';
import { useTexts } from '../report-context.ts';
import { shorten } from '../words/names.ts';
import { countOf } from '../words/numbers.ts';
import { CompareChart } from './compare-chart.tsx';
import { CompareTable } from './compare-table.tsx';
import { compareSentence, groupName, READINGS } from './compare-words.ts';
import { GROUP_LOOKS } from './draw-compare.ts';

/** Two groups of texts: which concepts tell them apart, and which of those the score rests on. */
export function CompareSection({ compare }: { compare: GroupComparison }) {
  const { settings } = useTexts().explanation;
  const [second, setSecond] = useState(false);
  const { groups, by } = compare;
  const choices = [groupName(compare, 0), groupName(compare, 1)] as const;
  const sameClass = groups[0].class.id === groups[1].class.id;
  return (
    <section id="compare" aria-labelledby="compare-title">
      <h2 id="compare-title">
        {choices[0]} and {choices[1]} compared
      </h2>
      <p class="lead">
        {countOf(groups[0].texts, 'text')} of “{choices[0]}” and {countOf(groups[1].texts, 'text')} of “
        {choices[1]}”, {by === 'label' ? 'by the labels of the file' : 'by the model’s own answers'}.{' '}
        {compareSentence(compare, settings.confidence)}
      </p>
      <div class="compare-controls">
        <span id="compare-of">Importance over the texts of</span>
        <Segmented
          legend="Importance over the texts of"
          name="compare-group"
          choices={choices}
          on={second}
          set={setSecond}
        />
        <span class="muted">
          for the score of {shorten(groups[Number(second)].class.label, 32)}
          {sameClass && ', as for the others'}
        </span>
      </div>
      <CompareChart compare={compare} group={Number(second)} />
      <ul class="order-legend">
        {GROUP_LOOKS.map(({ mark, colour }, k) => (
          <li key={mark}>
            <span style={{ color: colour }} aria-hidden="true">
              {mark}
            </span>{' '}
            more in {choices[k]}
          </li>
        ))}
        <li>filled: used, for one class at least; hollow: hardly used</li>
        <li>bars: intervals</li>
      </ul>
      <dl class="readings">
        {Object.entries(READINGS).map(([reading, { name, meaning }]) => (
          <Reading key={reading} compare={compare} reading={reading} name={name} meaning={meaning} />
        ))}
      </dl>
      <CompareTable compare={compare} />
    </section>
  );
}

interface ReadingProps {
  compare: GroupComparison;
  reading: string;
  name: string;
  meaning: string;
}

function Reading({ compare, reading, name, meaning }: ReadingProps) {
  const { explanation, labels } = useTexts();
  const names = compare.concepts
    .filter((concept) => concept.reading === reading)
    .map(({ id }) => `${id + 1} ${shorten(labels.nameOf(explanation.concepts[id]), 40)}`);
  return (
    <div>
      <dt>{name}</dt>
      <dd class="muted">{meaning}</dd>
      <dd dir="auto">{names.length > 0 ? names.join(', ') : 'none'}</dd>
    </div>
  );
}
