// Whether a concept is several, where they come apart, and how many they are: the evidence, and a verdict.

import type { Tensor } from '../../tensor/tensor.ts';
import type { ResolvedOptions, RunOptions } from '../options.ts';
import { polysemanticShare, spreadOf } from './ambiguity.ts';
import { type CurvePoint, type Elbow, elbowOf, rankCurve } from './curve.ts';
import type { EarlierCut } from './cut.ts';
import { type EncodedRows, encodeRows, type RowOrigin } from './encode-rows.ts';
import { type ConceptRows, rowsOfConcept } from './select.ts';
import type { ExamineSettings } from './settings.ts';

/** What {@link Craft.fit} found, as far as a split needs it. */
export interface Fitted extends RowOrigin {
  /** [n, r] */
  readonly U: Tensor;
}

/**
 * Why a concept is split, or is not:
 * - `mixed`: its rows fall into groups at an earlier layer, and it is split;
 * - `few-rows`: fewer than `leastRows` rows reach the percentile;
 * - `no-layer`: there is no earlier layer to see it at;
 * - `one-direction`: at every layer tried, one direction explains all but {@link ONE_DIRECTION} of its rows;
 * - `unstable`: no number of concepts is found again in the other half of the rows;
 * - `chance`: several concepts explain less than {@link BEYOND_CHANCE} times what they would in shuffled rows.
 */
export type Verdict = 'mixed' | 'few-rows' | 'no-layer' | 'one-direction' | 'unstable' | 'chance';

/** A concept's rows at one earlier layer. */
export interface TriedLayer {
  readonly cut: EarlierCut;
  readonly encoded: EncodedRows;
  /** 1 − the mean cosine between two of the rows: 0 all alike, 1 unrelated. */
  readonly spread: number;
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
  const curve = await rankCurve(encoded.A, { factorizer, seed, most: mostConcepts, signal });
  const elbow = elbowOf(curve);
  const spread = spreadOf(encoded.A);
  return { cut, encoded, spread, curve, elbow, verdict: verdictOf(curve, elbow) };
}

function verdictOf(curve: readonly CurvePoint[], elbow: Elbow | null): TriedLayer['verdict'] {
  if (curve[0].unexplained < ONE_DIRECTION) return 'one-direction';
  if (!elbow) return 'unstable';
  const { gain, chance } = curve[elbow.concepts - 1];
  return gain >= BEYOND_CHANCE * chance && gain > 0 ? 'mixed' : 'chance';
}

/** The larger score; the nearer layer of equals. */
function better(best: TriedLayer | null, other: TriedLayer): TriedLayer {
  return best && best.elbow!.score >= other.elbow!.score ? best : other;
}

/** That of the layer where it came nearest to a split. */
function reasonOf(tried: readonly TriedLayer[]): Verdict {
  const order = ['chance', 'unstable', 'one-direction'] as const;
  return order.find((verdict) => tried.some((layer) => layer.verdict === verdict)) ?? 'no-layer';
}
