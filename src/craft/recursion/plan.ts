// What taking concepts apart costs, before it runs: what to expect, and the most that it can be.

import { designsPerInput } from '../../math/bootstrap-means.ts';
import { type EarlierLayer, layersToTry } from './layers.ts';
import { RANDOM_ROWS } from './random-rows.ts';
import { type ExamineSettings, resolveExamine } from './settings.ts';

/** Runs of the model at earlier layers. */
export interface RecursionRuns {
  /** Inputs that g runs on; those that earlier runs kept are counted too. */
  readonly encoderRuns: number;
  /** Rows that h runs on, folds left aside. */
  readonly headRuns: number;
}

/** Most that the recursion adds; concepts that are minor, or one, cost less. */
export interface RecursionPlan extends RecursionRuns {
  /** With the {@link USUAL} shares of concepts that are looked at and taken apart. */
  readonly expected: RecursionRuns;
  /** Tensors of the layers that are tried first. */
  readonly layers: readonly string[];
}

/**
 * What is assumed of a concept that nothing is known of yet: six in ten have the importance to be looked at, one in
 * five of those is mixed, and falls into three. (MobileNetV2, ten concepts each of photographs of apples, bananas, fish and
 * vegetables: 20 of 40 were looked at, 5 of these mixed, of 2.6 parts in the mean, see docs/recursion.md.)
 */
const USUAL = { examined: 0.6, mixed: 0.2, parts: 3 };

/** Rows that a fold of h is compared with h on. */
const CHECKED = 3;

/** What is planned. */
interface Planned {
  readonly concepts: number;
  readonly depth: number;
  readonly percentile: number;
  readonly nbDesign: number;
  /** Rows of A, inputs, and rows of an input that one run of g gives (1 for crops). */
  readonly rows: number;
  readonly images: number;
  readonly rowsPerRun: number;
  readonly earlier: readonly EarlierLayer[];
}

/** What becomes of the concepts of a level. */
type Shares = typeof USUAL;

/** Every concept is looked at and split, into as many as can be. */
const WORST = { examined: 1, mixed: 1, parts: Number.POSITIVE_INFINITY };

/** Counts runs, as they are to be expected and for the worst case. */
export function recursionPlan(planned: Planned): RecursionPlan {
  const settings = resolveExamine({ percentile: planned.percentile });
  return {
    ...runsOf(planned, settings, WORST),
    expected: runsOf(planned, settings, USUAL),
    layers: layersToTry(planned.earlier, settings.layersTried).map(({ tensor }) => tensor),
  };
}

function runsOf(
  planned: Planned,
  settings: ExamineSettings,
  { examined, mixed, parts }: Shares,
): RecursionRuns {
  const { percentile, mostRows, leastRows, layersTried, mostConcepts, importanceParts } = settings;
  const share = 1 - percentile / 100;
  const runsFor = (rows: number): number => (planned.rowsPerRun > 1 ? Math.min(rows, planned.images) : rows);
  let seenAt = 0; // layers that random rows are seen at, once each
  let encoderRuns = 0;
  let headRuns = 0;
  let concepts = planned.concepts;
  let rows = planned.rows;
  for (let level = 0; level < planned.depth; level++) {
    // as they are nearest first, a deeper level has the layers before the nearest at best
    const layers = layersToTry(planned.earlier.slice(level), layersTried).length;
    const used = Math.min(mostRows, Math.ceil(share * rows));
    if (layers === 0 || used < leastRows) break;
    seenAt = Math.min(planned.earlier.length, seenAt + layersTried);
    encoderRuns += concepts * examined * layers * runsFor(used);
    const splits = concepts * examined * mixed;
    const into = Math.min(parts, mostConcepts, Math.floor(used / 2));
    const scored = Math.min(importanceParts, runsFor(used));
    headRuns += splits * (scored * (designsPerInput(scored) * planned.nbDesign * (into + 1) + 2) + CHECKED);
    concepts = splits * into;
    rows = used;
  }
  encoderRuns += seenAt * runsFor(Math.min(RANDOM_ROWS, planned.rows));
  return { encoderRuns: Math.round(encoderRuns), headRuns: Math.round(headRuns) };
}
