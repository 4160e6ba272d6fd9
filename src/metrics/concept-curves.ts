// Deletion and insertion of concepts: in which order do they carry the class score?
//
// Notation: m ∈ {0, 1}^r keeps concepts; y_n(m) = h((u ⊙ m) W)_class for input n.

import { CraftError } from '../errors.ts';
import { random, shuffle } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Curve, normalisedCurve } from './curve.ts';

/** Both curves of one order of the concepts; their points are 0 … r concepts. */
export interface ConceptCurves {
  /** Mean score after the first k concepts are removed: the lower its area, the better the order. */
  readonly deletion: Curve;
  /** Mean score of the first k concepts alone: the higher, the better. */
  readonly insertion: Curve;
}

/**
 * The masks that the curves of an order are made of: first k concepts removed, k = 0 … r, then first k alone.
 *
 * @returns [2 (r + 1), r]
 * @throws {@link CraftError} `OPTION` unless `order` names each of the concepts once.
 */
export function conceptMasks(order: readonly number[]): Tensor<Float64Array> {
  const r = order.length;
  if (r === 0 || new Set(order).size !== r || order.some((i) => !Number.isInteger(i) || i < 0 || i >= r)) {
    throw new CraftError('OPTION', `conceptMasks: expected an order of all concepts; got [${order}]`);
  }
  const data = new Float64Array(2 * (r + 1) * r);
  for (let k = 0; k <= r; k++) {
    order.forEach((i, place) => {
      data[k * r + i] = place < k ? 0 : 1;
      data[(r + 1 + k) * r + i] = place < k ? 1 : 0;
    });
  }
  return { data, dims: [2 * (r + 1), r] };
}

/**
 * The curves of mean scores over inputs; 1 is the score with all concepts, 0 that with none.
 *
 * @param scores - y of {@link conceptMasks}, [N, 2 (r + 1)].
 * @returns null if the concepts together do not raise the mean score.
 */
export function conceptCurves({ data, dims: [N, columns] }: Tensor): ConceptCurves | null {
  const points = columns / 2;
  const means = Float64Array.from({ length: columns }, (_, k) => {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += data[n * columns + k];
    return sum / N;
  });
  const [all, none] = [means[0], means[points]];
  const deletion = normalisedCurve(means.subarray(0, points), none, all);
  const insertion = normalisedCurve(means.subarray(points), none, all);
  return deletion && insertion && { deletion, insertion };
}

/** Concepts by falling value; equal ones by their index. */
export function orderBy(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

/** Seeded random orders of r concepts. */
export function randomOrders(r: number, count: number, seed: number): number[][] {
  return Array.from({ length: count }, (_, k) =>
    shuffle(
      Array.from({ length: r }, (_, i) => i),
      random(seed, k),
    ),
  );
}
