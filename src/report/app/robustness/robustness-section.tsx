import type { AnyConcept } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { inputNoun } from '../words/nouns.ts';
import { countOf, fixed } from '../words/numbers.ts';
import { robustnessOf } from './found-again.ts';
import { RankCurve } from './rank-curve.tsx';
import { StabilityTable } from './stability-table.tsx';

/** Whether other seeds, other inputs and other numbers of concepts give the same. */
export function RobustnessSection({ ranked }: { ranked: readonly AnyConcept[] }) {
  const { explanation } = useRun();
  const robustness = robustnessOf(explanation);
  if (!robustness) return null;
  const { seeds, halves } = robustness.stability;
  const noun = inputNoun(explanation);
  return (
    <section id="robustness" aria-labelledby="robustness-title">
      <h2 id="robustness-title">Would other choices have found the same?</h2>
      <p class="lead">
        The concepts were sought again with {countOf(seeds.fits, 'other seed')}, in{' '}
        {countOf(halves.fits, 'half').replace('halfs', 'halves')} of the {noun}s, and with other numbers of
        concepts. 1 is the same direction in the layer. With other seeds the mean is {fixed(seeds.mean)}{' '}
        (least {fixed(seeds.least)}), in halves of the {noun}s {fixed(halves.mean)} (least{' '}
        {fixed(halves.least)}).
      </p>
      <RankCurve robustness={robustness} />
      <StabilityTable robustness={robustness} ranked={ranked} />
    </section>
  );
}
