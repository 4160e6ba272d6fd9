// Deletion and insertion of pixels: does a map order the pixels by what they do to a score?

import { CraftError } from '../errors.ts';
import { type Curve, normalisedCurve } from './curve.ts';

/**
 * Scores of an image under masks: m [H · W] keeps a pixel (1) or puts the baseline there (0).
 * As many scores as masks, in order.
 */
export type MaskScore = (masks: readonly Float32Array[]) => Promise<ArrayLike<number>>;

/** Both curves of one map. */
export interface PixelCurves {
  /** Score against the share of pixels removed, most important first: the lower its area, the better. */
  readonly deletion: Curve;
  /** Score against the share of pixels put back on the baseline, most important first: the higher, the better. */
  readonly insertion: Curve;
}

/** Where the baseline alone has more than the rest of the score, the curves are noise divided by a small number. */
const LEAST = 0.25;

/**
 * Deletion and insertion curves of a map: 1 is the score of the image, 0 that of the baseline alone. Costs
 * 2 · steps scores, 2 less if the ends are known.
 *
 * @param map - one value a pixel, the most important first; ties go by their place. Finite.
 * @param steps - points after the first; the share grows by 1/steps.
 * @param ends - scores of the image and of the baseline alone, where they are known.
 * @returns null unless the image scores above the baseline by a quarter of the larger of the two.
 * @throws {@link CraftError} `VALUE` if a value is not finite; `OPTION` if steps is no whole number ≥ 1.
 * @see Petsiuk et al., RISE (BMVC 2018), section 4.2.
 */
export async function pixelCurves(
  map: ArrayLike<number>,
  score: MaskScore,
  steps: number,
  ends?: { readonly full: number; readonly none: number },
): Promise<PixelCurves | null> {
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new CraftError('OPTION', `pixelCurves: expected steps, a whole number ≥ 1; got ${steps}`);
  }
  const order = pixelOrder(map);
  const removed = Array.from({ length: steps - 1 }, (_, j) =>
    keptWithout(order, Math.round(((j + 1) * order.length) / steps)),
  );
  const inserted = removed.map((mask) => mask.map((m) => 1 - m));
  const { full, none } = ends ?? (await endsOf(order.length, score));
  const rest = Array.from(await score([...removed, ...inserted]));
  const deletion = normalisedCurve([full, ...rest.slice(0, steps - 1), none], none, full, LEAST);
  const insertion = normalisedCurve([none, ...rest.slice(steps - 1), full], none, full, LEAST);
  return deletion && insertion && { deletion, insertion };
}

async function endsOf(pixels: number, score: MaskScore): Promise<{ full: number; none: number }> {
  const [full, none] = Array.from(await score([new Float32Array(pixels).fill(1), new Float32Array(pixels)]));
  return { full, none };
}

/** Pixels by falling value. */
export function pixelOrder(map: ArrayLike<number>): Uint32Array {
  for (let k = 0; k < map.length; k++) {
    if (!Number.isFinite(map[k])) {
      throw new CraftError('VALUE', `pixelOrder: expected finite map values; got ${map[k]} at pixel ${k}`);
    }
  }
  return Uint32Array.from({ length: map.length }, (_, k) => k).sort((a, b) => map[b] - map[a] || a - b);
}

/** The mask that is 0 at the first `count` pixels of an order. */
function keptWithout(order: Uint32Array, count: number): Float32Array {
  const mask = new Float32Array(order.length).fill(1);
  for (let k = 0; k < count; k++) mask[order[k]] = 0;
  return mask;
}
