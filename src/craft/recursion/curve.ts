// How many concepts some rows are made of: loss, chance and stability over the number of concepts.
//
// Notation: A [n, p] rows, r concepts, L_r the least ½‖A − UW‖² found, A° the rows of A with every channel
// shuffled over the rows by itself: the same values in each channel, and nothing left that goes together.

import { nnls } from '../../math/nnls.ts';
import { random, shuffle } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Factorization, factorize } from '../factorize.ts';
import type { ResolvedOptions } from '../options.ts';
import { matchedCorrelation } from './match.ts';
import { takeRows } from './select.ts';

/** One number of concepts. */
export interface CurvePoint {
  /** r */
  readonly concepts: number;
  /** ‖A − UW‖² / ‖A‖² */
  readonly unexplained: number;
  /** 1 − L_r / L_1: the share of what one concept leaves that r concepts explain; 0 at r = 1. */
  readonly gain: number;
  /** The same of A°: what r concepts gain where there are none. */
  readonly chance: number;
  /**
   * Agreement of the concepts of the even rows with those of the odd ones: the mean correlation of the
   * coefficients that both give to all rows, best paired, −1 … 1; null at r = 1. (Cosines of the concepts
   * themselves say little here: rows of one concept share a direction, and so do all concepts found in them.)
   */
  readonly stability: number | null;
}

/** What a curve is made with. */
export interface CurveSettings {
  readonly factorizer: ResolvedOptions['factorizer'];
  readonly seed: number;
  /** Largest r; fewer rows allow less, as each half needs as many rows as concepts. */
  readonly most: number;
  readonly signal?: AbortSignal;
}

/**
 * Factorises rows for r = 1 … `most`, those rows shuffled channel by channel, and two halves of them.
 *
 * @param A - [n, p], n ≥ 1; neighbouring rows should be alike (as in a ranking), for the halves to be.
 * @see Horn, A rationale and test for the number of factors (1965), Psychometrika 30, 179–185: parallel
 *   analysis, which takes shuffled data for chance.
 */
export async function rankCurve(A: Tensor<Float32Array>, settings: CurveSettings): Promise<CurvePoint[]> {
  const [n] = A.dims;
  const most = Math.max(1, Math.min(settings.most, Math.floor(n / 2)));
  const shuffled = shuffledChannels(A, settings.seed);
  const halves = [0, 1].map((half) => takeRows(A, everyOther(n, half)));
  const points: CurvePoint[] = [];
  let first: { own: number; chance: number } | null = null;
  for (let r = 1; r <= most; r++) {
    const own = await factors(A, r, settings);
    const chance = await factors(shuffled, r, settings);
    first ??= { own: own.loss, chance: chance.loss };
    points.push({
      concepts: r,
      unexplained: own.relativeError ** 2,
      gain: shareGained(first.own, own.loss),
      chance: shareGained(first.chance, chance.loss),
      stability: r === 1 ? null : await stabilityOf(A, halves, r, settings),
    });
  }
  return points;
}

function shareGained(before: number, after: number): number {
  return before > 0 ? Math.max(0, 1 - after / before) : 0;
}

async function stabilityOf(
  A: Tensor<Float32Array>,
  halves: readonly Tensor<Float32Array>[],
  r: number,
  settings: CurveSettings,
): Promise<number> {
  const even = await factors(halves[0], r, settings);
  const odd = await factors(halves[1], r, settings);
  const { signal } = settings;
  return matchedCorrelation(await nnls(A, even.W, { signal }), await nnls(A, odd.W, { signal }));
}

function factors(
  A: Tensor<Float32Array>,
  rank: number,
  { factorizer, seed, signal }: CurveSettings,
): Promise<Factorization> {
  return factorize(A, { factorizer, numberOfConcepts: rank, seed, unitNorm: true }, { signal });
}

const everyOther = (n: number, first: number): number[] =>
  Array.from({ length: Math.ceil((n - first) / 2) }, (_, k) => first + 2 * k);

function shuffledChannels({ data, dims: [n, p] }: Tensor<Float32Array>, seed: number): Tensor<Float32Array> {
  const rng = random(seed, 1);
  const out = new Float32Array(data.length);
  const order = Array.from({ length: n }, (_, row) => row);
  for (let c = 0; c < p; c++) {
    shuffle(order, rng).forEach((from, row) => {
      out[row * p + c] = data[from * p + c];
    });
  }
  return { data: out, dims: [n, p] };
}

/** Where a curve bends, and what that is worth; see {@link elbowOf}. */
export interface Elbow {
  readonly concepts: number;
  /** Share of ‖A‖² that so many concepts explain more than one does, beyond chance: (gain − chance)·L_1/½‖A‖². */
  readonly score: number;
}

/** Half of the variance of the coefficients is agreed on by both halves of the rows, r² = ½. */
export const STABLE = Math.SQRT1_2;

/**
 * The number of concepts at the elbow: of the stable points, r ≥ 2, the one farthest below the straight line
 * from the first to the last point of the curve of `unexplained`; ties: fewer concepts. null if none is stable.
 *
 * @see Satopää et al., Finding a “kneedle” in a haystack (2011), ICDCS workshops, 166–171.
 */
export function elbowOf(curve: readonly CurvePoint[]): Elbow | null {
  const [first, last] = [curve[0], curve[curve.length - 1]];
  const depth = ({ concepts, unexplained }: CurvePoint): number => {
    const along = (concepts - 1) / Math.max(last.concepts - 1, 1);
    return first.unexplained + along * (last.unexplained - first.unexplained) - unexplained;
  };
  const stable = curve.filter(({ stability }) => stability !== null && stability >= STABLE);
  if (stable.length === 0) return null;
  const bend = stable.reduce((best, point) => (depth(point) > depth(best) ? point : best));
  return { concepts: bend.concepts, score: first.unexplained * (bend.gain - bend.chance) };
}
