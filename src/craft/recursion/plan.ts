// What taking concepts apart costs at most, before it runs.

import { type EarlierLayer, layersToTry } from './layers.ts';
import { RANDOM_ROWS } from './random-rows.ts';
import { resolveExamine } from './settings.ts';

/** Most that the recursion adds; concepts that are minor, or one, cost less. */
export interface RecursionPlan {
  /** Inputs that g of earlier layers runs on; those that earlier runs kept are counted too. */
  readonly encoderRuns: number;
  /** Rows that h of earlier layers runs on, folds left aside. */
  readonly headRuns: number;
  /** Tensors of the layers that are tried first. */
  readonly layers: readonly string[];
}

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

/**
 * Counts runs for the worst case: every concept of every level is looked at from every layer tried, and is
 * split into as many as can be.
 */
export function recursionPlan(planned: Planned): RecursionPlan {
  const { percentile, mostRows, leastRows, layersTried, mostConcepts, importanceParts } = resolveExamine({
    percentile: planned.percentile,
  });
  const share = 1 - percentile / 100;
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
    const parts = planned.rowsPerRun > 1 ? Math.min(used, planned.images) : used;
    seenAt = Math.min(planned.earlier.length, seenAt + layersTried);
    const splits = Math.min(mostConcepts, Math.floor(used / 2));
    encoderRuns += concepts * layers * parts;
    const perPart = planned.nbDesign * (splits + 1) + 2;
    headRuns += concepts * (Math.min(importanceParts, parts) * perPart + CHECKED);
    concepts *= splits;
    rows = used;
  }
  const drawn = Math.min(RANDOM_ROWS, planned.rows);
  encoderRuns += seenAt * (planned.rowsPerRun > 1 ? Math.min(drawn, planned.images) : drawn);
  const layers = layersToTry(planned.earlier, layersTried).map(({ tensor }) => tensor);
  return { encoderRuns, headRuns, layers };
}
