import { useCallback, useMemo } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { PlotBox } from '../charts/plot-box.tsx';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { countOf, fixed } from '../words/numbers.ts';
import { drawFound, type Found, RANKS_HEIGHT } from './draw-ranks.ts';
import { foundAt, robustnessOf, SAME } from './found-again.ts';

/** Whether one concept is found again by other seeds, in other inputs and among more or fewer concepts. */
export function ConceptFound({ concept }: { concept: AnyConcept }) {
  const { explanation } = useRun();
  const { id } = concept;
  const robustness = robustnessOf(explanation);
  const own = explanation.concepts.length;
  const found = useMemo(() => (robustness ? foundAt(robustness, id) : []), [robustness, id]);
  const draw = useCallback(
    (width: number) => drawFound(found, { id, own, same: SAME }, width),
    [found, id, own],
  );
  if (!robustness) return null;
  const { seeds, halves } = robustness.stability;
  return (
    <section>
      <h2>Is it found again?</h2>
      <p class="muted">
        With other seeds its match has a cosine of {fixed(seeds.perConcept[id])} with it, in halves of the{' '}
        {inputNoun(explanation)}s {fixed(halves.perConcept[id])}; 1 is the same direction.
      </p>
      {found.length > 1 && (
        <>
          <p class="muted found-words">
            Its importance over {countOf(robustness.inputs, inputNoun(explanation))}, where the concepts are{' '}
            {found.map(({ concepts }) => concepts).join(', ')} in number; hollow where the nearest is another
            concept (cosine below {fixed(SAME, 1)}). The dotted line is at as many as in this report
            {robustness.inputs < explanation.inputs.items.length &&
              `, whose own number is over all ${explanation.inputs.items.length}`}
            .
          </p>
          <PlotBox
            class="found-plot"
            draw={draw}
            height={RANKS_HEIGHT}
            label="Importance of the concept with other numbers of concepts; the table has the numbers"
          />
          <FoundTable found={found} own={own} />
        </>
      )}
    </section>
  );
}

function FoundTable({ found, own }: { found: readonly Found[]; own: number }) {
  return (
    <details class="as-table">
      <summary>The numbers as a table</summary>
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">Of concepts</th>
            <th scope="col" class="number">
              Cosine
            </th>
            <th scope="col" class="number">
              Rank
            </th>
            <th scope="col" class="number">
              Importance
            </th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ concepts, cosine, place, importance: { value, lower, upper } }) => (
            <tr key={concepts}>
              <th scope="row">
                {concepts}
                {concepts === own && <span class="muted"> this report</span>}
              </th>
              <td class="number">{fixed(cosine)}</td>
              <td class="number">{place + 1}</td>
              <td class="number">
                {fixed(value)}{' '}
                <span class="muted">
                  {fixed(lower)} … {fixed(upper)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
