import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { useReport } from '../report-context.ts';
import { robustnessOf } from '../robustness/found-again.ts';
import { rowNoun } from '../words/nouns.ts';
import { countOf, fixed } from '../words/numbers.ts';

/** Whether the concepts themselves are found again, where no section of its own says it; and how many go together. */
export function Stability({ evaluation: { stability, sparsity } }: { evaluation: Evaluation }) {
  const { explanation, labels } = useReport();
  if (!stability) return null;
  const together = (
    <>
      A {rowNoun(explanation)} uses {fixed(sparsity.l0, 1)} of{' '}
      {countOf(explanation.concepts.length, 'concept')} on average.
    </>
  );
  if (robustnessOf(explanation)) return <p class="lead">{together}</p>;
  const { seeds, halves } = stability;
  const weakest = halves.perConcept.indexOf(halves.least);
  const concept = explanation.concepts[weakest];
  return (
    <>
      <h3>Are they the same concepts again?</h3>
      <p class="lead">
        Other random seeds give concepts that match these with a mean cosine of {fixed(seeds.mean)} (least{' '}
        {fixed(seeds.least)}); half of the images alone gives {fixed(halves.mean)} (least{' '}
        {fixed(halves.least)}
        {concept && `, ${labels.nameOf(concept)}`}). 1 is the same concept. {together}
      </p>
    </>
  );
}
