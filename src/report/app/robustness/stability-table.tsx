import type { Robustness } from '../../../craft/robustness-schema.ts';
import type { AnyConcept } from '../../report-data.ts';
import { Swatch } from '../concepts/swatch.tsx';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { colourOf } from '../palette.ts';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { inputNoun } from '../words/nouns.ts';
import { fixed } from '../words/numbers.ts';

/** Of each concept: how well other seeds and other inputs find it again. */
export function StabilityTable({
  robustness,
  ranked,
}: {
  robustness: Robustness;
  ranked: readonly AnyConcept[];
}) {
  const { explanation, labels } = useRun();
  const { seeds, halves } = robustness.stability;
  return (
    <ScrollRegion label="Table: how well each concept is found again">
      <table class="stability-table">
        <caption>Each concept in other fits: cosine with the concept that matches it</caption>
        <thead>
          <tr>
            <th scope="col">Concept</th>
            <th scope="col">Other seeds</th>
            <th scope="col">Halves of the {inputNoun(explanation)}s</th>
          </tr>
        </thead>
        <tbody>
          {ranked.map((concept) => (
            <tr key={concept.id} style={{ '--colour': colourOf(concept.id) }}>
              <th scope="row">
                <Swatch id={concept.id} />{' '}
                <a href={conceptLink(concept.id)} dir="auto">
                  {labels.nameOf(concept)}
                </a>
              </th>
              <CosineCell cosine={seeds.perConcept[concept.id]} />
              <CosineCell cosine={halves.perConcept[concept.id]} />
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** A cosine as a number over a bar. */
function CosineCell({ cosine = Number.NaN }: { cosine: number | undefined }) {
  return (
    <td class="number">
      {fixed(cosine)}
      <span class="local-bar" aria-hidden="true">
        <span style={{ width: `${100 * Math.min(1, Math.max(0, cosine || 0))}%` }} />
      </span>
    </td>
  );
}
