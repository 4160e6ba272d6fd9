import type { ComponentChildren } from 'preact';
import type { AnyConcept, Example } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { rowNoun } from '../words/nouns.ts';
import type { ExamplesProps } from './examples-props.ts';

interface Props {
  concept: AnyConcept;
  examples(props: ExamplesProps): ComponentChildren;
}

/** Rows where the concept is strongest, at its median, and missing. */
export function ExampleRows({ concept, examples }: Props) {
  const { explanation, details, labels } = useRun();
  const { median = [], zero = [] } = details.concepts[concept.id] ?? {};
  const best: readonly Example[] = 'bestRows' in concept ? concept.bestRows : concept.bestUnits;
  const name = labels.nameOf(concept);
  const rows = rowNoun(explanation);
  const groups: [string, string, readonly Example[]][] = [
    ['Strongest', `The ${rows}s with the most of it.`, best],
    ['Typical', `At its median, among the ${rows}s where it is present.`, median],
    ['Without it', `Counter-examples: ${rows}s where it is all but missing.`, zero],
  ];
  return (
    <section>
      <h2>Examples and counter-examples</h2>
      {groups
        .filter(([, , shown]) => shown.length > 0)
        .map(([title, words, shown]) => (
          <div key={title} class="example-group">
            <h3>{title}</h3>
            <p class="muted">{words}</p>
            {examples({ concept, examples: shown, name: `${name}, ${title.toLowerCase()}` })}
          </div>
        ))}
      {best.length === 0 && <p class="muted">No {rows} is active for this concept.</p>}
    </section>
  );
}
