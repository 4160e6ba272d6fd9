// Other fits for the made-up explanation: concepts that are found again less well the less they matter.

import type { Explanation } from '../../src/craft/explanation.ts';
import type { Robustness } from '../../src/craft/robustness-schema.ts';
import { random } from '../../src/tensor/random.ts';

export function withRobustness(explanation: Explanation, seed = 7): Explanation {
  const rng = random(seed);
  const r = explanation.concepts.length;
  const agreement = (fits: number, fall: number): Robustness['stability']['seeds'] => {
    const perConcept = Array.from({ length: r }, (_, id) => 0.99 - (fall * (id + rng.uniform())) / r);
    const mean = perConcept.reduce((sum, cosine) => sum + cosine, 0) / r;
    return { fits, mean, least: Math.min(...perConcept), perConcept };
  };
  const ranks = [Math.ceil(r / 2), r - 1, r, r + 4].map((concepts, k) => ({
    concepts,
    relativeError: 0.6 * 0.92 ** concepts,
    // half as many concepts are worse than the mean score
    r2: k === 0 ? -3.2 : 1 - 0.7 * 0.8 ** concepts,
    importance: Array.from({ length: concepts }, (_, place) => {
      const value = 0.4 * 0.66 ** place;
      return { value, lower: 0.85 * value, upper: 1.2 * value };
    }),
    // the concept of each place, the later ones left over where there are fewer
    matches: explanation.concepts.map(({ id }) =>
      id < concepts ? { place: id, cosine: concepts === r ? 1 : 0.98 - 0.05 * id } : null,
    ),
  }));
  const robustness: Robustness = {
    stability: { seeds: agreement(3, 0.2), halves: agreement(2, 0.5) },
    inputs: Math.min(16, explanation.inputs.items.length),
    ranks,
  };
  return { ...explanation, robustness };
}
