// The area under a curve of scores, between nothing and everything.

/** A curve on equally spaced points from 0 to 1, normalised. */
export interface Curve {
  /** (y − y_none) / (y_all − y_none) at each point. */
  readonly values: Float64Array;
  /** Area under it by trapezoids: 0.5 for a straight line between its ends. */
  readonly auc: number;
}

/** y_all − y_none below this share of the larger is rounding. */
const ROUNDING = 1e-6;

/**
 * Normalises scores so that nothing is 0 and everything is 1, and integrates over the share kept or removed.
 *
 * @param scores - y on equally spaced points, at least 2.
 * @param none - y of nothing.
 * @param all - y of everything.
 * @param least - share of the larger of |y_none| and |y_all| that y_all − y_none must reach; default: rounding.
 * @returns null where all is not so much above none: there is nothing to remove.
 */
export function normalisedCurve(
  scores: ArrayLike<number>,
  none: number,
  all: number,
  least = ROUNDING,
): Curve | null {
  if (!(all - none > least * Math.max(Math.abs(all), Math.abs(none)))) return null;
  const values = Float64Array.from(scores, (y) => (y - none) / (all - none));
  let area = 0;
  for (let k = 1; k < values.length; k++) area += (values[k - 1] + values[k]) / 2;
  return { values, auc: area / (values.length - 1) };
}
