// Whether a concept is several, where they come apart, and how many they are: the evidence, and a verdict.

import type { Tensor } from '../../tensor/tensor.ts';
import type { ResolvedOptions, RunOptions } from '../options.ts';
import { polysemanticShare, spreadOf } from './ambiguity.ts';
import { type CurvePoint, type Elbow, elbowOf, rankCurve } from './curve.ts';
import type { EarlierCut } from './cut.ts';
import { type EncodedRows, encodeRows, type RowOrigin } from './encode-rows.ts';
import type { RandomRows, RandomSpread } from './random-rows.ts';
import { type ConceptRows, rowsOfConcept } from './select.ts';
import type { ExamineSettings } from './settings.ts';
import { type Grouping, groupsBeyondOne } from './single-cluster.ts';

/** What {@link Craft.fit} found, as far as a split needs it. */
export interface Fitted extends RowOrigin {
  /** [n, r] */
  readonly U: Tensor;
  /** Of the fit that the tree begins with. */
  readonly random: RandomRows;
  /** The coefficients of these random rows, [m, r]. */
  coefficientsOfRandom(run: RunOptions): Promise<Tensor>;
}

/**
 * Why a concept is split, or is not:
 * - `mixed`: at an earlier layer its rows are no more alike than random rows of the fit, or fall into groups
 *   beyond what one cluster would, and several concepts are found in them; it is split;
 * - `few-rows`: fewer than `leastRows` rows reach the percentile;
 * - `no-layer`: there is no earlier layer to see it at;
 * - `one-direction`: at every layer tried, one direction explains all but {@link ONE_DIRECTION} of its rows;
 * - `unstable`: no number of concepts is found again in the other half of the rows;
 * - `chance`: several concepts explain less than {@link BEYOND_CHANCE} times what they would in shuffled rows;
 * - `whole`: there is structure, as in everything natural, but the rows are more alike than random ones, and one
 *   cluster of the same covariance would fall into groups as well.
 */
export type Verdict = 'mixed' | 'few-rows' | 'no-layer' | 'one-direction' | 'unstable' | 'chance' | 'whole';

/** A concept's rows at one earlier layer. */
export interface TriedLayer {
  readonly cut: EarlierCut;
  readonly encoded: EncodedRows;
  /** 1 − the mean cosine between two of the rows: 0 all alike, 1 unrelated. */
  readonly spread: number;
  /** The same of random rows of the fit. */
  readonly random: RandomSpread;
  /** So many groups as the elbow has against one cluster; null where nothing is stable. */
  readonly groups: Grouping | null;
  readonly curve: readonly CurvePoint[];
  /** null: no number of concepts is stable. */
  readonly elbow: Elbow | null;
  readonly verdict: Exclude<Verdict, 'few-rows' | 'no-layer'>;
}

/** What is known of a concept. */
export interface Examination {
  readonly concept: number;
  readonly rows: ConceptRows;
  /** Share of its rows on which another concept is nearly as strong; see {@link polysemanticShare}. */
  readonly polysemantic: number;
  /** Nearest layer first. */
  readonly tried: readonly TriedLayer[];
  readonly verdict: Verdict;
  /** Where it comes apart best: the layer of the largest score of those with verdict `mixed`. */
  readonly best: TriedLayer | null;
}

/** Rows that one direction explains but for a twentieth have nothing to tell apart. */
export const ONE_DIRECTION = 0.05;
/** Concepts must explain as much again as they do where there are none. */
export const BEYOND_CHANCE = 2;
/** Groups must explain more than one cluster in a hundred does, as a normal distribution has it. */
export const BEYOND_ONE = 2.33;

/** Takes a concept's rows, looks at them from each cut, and decides. */
export async function examine(
  fitted: Fitted,
  concept: number,
  cuts: readonly EarlierCut[],
  settings: ExamineSettings,
  options: Pick<ResolvedOptions, 'factorizer' | 'seed'> & RunOptions,
): Promise<Examination> {
  const rows = rowsOfConcept(fitted.U, concept, settings.percentile, settings.mostRows);
  const known = { concept, rows, polysemantic: polysemanticShare(fitted.U, rows.rows, concept) };
  if (rows.rows.length < settings.leastRows) return { ...known, tried: [], verdict: 'few-rows', best: null };
  const tried: TriedLayer[] = [];
  for (const cut of cuts) tried.push(await look(cut, fitted, rows, settings, options));
  const best = tried.filter(({ verdict }) => verdict === 'mixed').reduce<TriedLayer | null>(better, null);
  return { ...known, tried, best, verdict: best ? 'mixed' : reasonOf(tried) };
}

async function look(
  cut: EarlierCut,
  fitted: Fitted,
  { rows }: ConceptRows,
  { importanceParts, mostConcepts }: ExamineSettings,
  options: Pick<ResolvedOptions, 'factorizer' | 'seed'> & RunOptions,
): Promise<TriedLayer> {
  const { factorizer, seed, signal } = options;
  const encoded = await encodeRows(cut, fitted, rows, importanceParts, options);
  const { A } = encoded;
  const curve = await rankCurve(A, { factorizer, seed, most: mostConcepts, signal });
  const elbow = elbowOf(curve);
  const spread = spreadOf(A);
  const found = await fitted.random.spreadAt(cut, A.dims[0], options);
  const groups = elbow && (await groupsBeyondOne(A, elbow.concepts, { seed, signal }));
  const seen = { spread, random: found, groups, curve, elbow };
  return { cut, encoded, ...seen, verdict: verdictOf(seen) };
}

function verdictOf({
  curve,
  elbow,
  spread,
  random,
  groups,
}: Pick<TriedLayer, 'curve' | 'elbow' | 'spread' | 'random' | 'groups'>): TriedLayer['verdict'] {
  if (curve[0].unexplained < ONE_DIRECTION) return 'one-direction';
  if (!elbow) return 'unstable';
  const { gain, chance } = curve[elbow.concepts - 1];
  if (!(gain >= BEYOND_CHANCE * chance && gain > 0)) return 'chance';
  const isSpread = spread >= random.least;
  const isGrouped = groups !== null && groups.beyond >= BEYOND_ONE;
  return isSpread || isGrouped ? 'mixed' : 'whole';
}

/** The larger score; the nearer layer of equals. */
function better(best: TriedLayer | null, other: TriedLayer): TriedLayer {
  return best && best.elbow!.score >= other.elbow!.score ? best : other;
}

/** That of the layer where it came nearest to a split. */
function reasonOf(tried: readonly TriedLayer[]): Verdict {
  const order = ['whole', 'chance', 'unstable', 'one-direction'] as const;
  return order.find((verdict) => tried.some((layer) => layer.verdict === verdict)) ?? 'no-layer';
}
