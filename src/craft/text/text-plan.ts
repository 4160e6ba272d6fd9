// What a run on texts will cost, before it runs: plain data.

import type { TextClassifier } from '../classifier.ts';
import { importanceRuns } from '../plan.ts';
import { isWhole } from './latent-storage.ts';
import { BEST_UNITS } from './text-concepts.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import { partsOf } from './text-heatmaps.ts';
import { passOver } from './text-passes.ts';
import type { TextRequest } from './text-request.ts';
import { MOST_UNIT_PARTS } from './unit-maps.ts';

/** Cost of a run. */
export interface TextPlan {
  readonly texts: number;
  /** Rows of A. */
  readonly units: number;
  /** Texts, units and texts without a part that g runs on, at most. */
  readonly encoderRuns: number;
  /** Rows that h runs on, or a part of it where it is folded; a comparison of groups included. */
  readonly headRuns: number;
  /** Largest memory of each kind, in bytes; the model and the engine come on top. */
  readonly memory: {
    /** Latents that are held whole. */
    readonly activations: number;
    readonly factorization: number;
    /** Indices of all texts; with a design that all share, the scores of all texts on it. */
    readonly importance: number;
  };
  /** Bytes of latents that are too many to be held whole, and are kept on disk where there is one. */
  readonly stored: number;
}

const FLOAT32 = 4;
const FLOAT64 = 8;

/** Of each text: its units, and the parts that a map of it would have. */
export interface TextCounts {
  readonly units: Int32Array;
  readonly parts: Int32Array;
}

/** Counts the units and parts of texts that are read, in one pass more. */
export async function countTexts(
  data: TextData,
  effects: Pick<TextEffects, 'source' | 'signal' | 'classifier'>,
): Promise<TextCounts> {
  const counts = { units: new Int32Array(data.ids.length), parts: new Int32Array(data.ids.length) };
  for (const n of data.units.text) counts.units[n]++;
  for await (const { first, texts } of passOver(effects, data)) {
    for (const [k, text] of texts.entries())
      counts.parts[first + k] = partsOf(text, effects.classifier).length;
  }
  return counts;
}

/**
 * Counts the work of `explainText` on texts that are counted.
 *
 * @param hasRelu - the other ways of treating signs are measured at a ReLU too.
 */
export function textPlanOf(
  request: TextRequest,
  classifier: TextClassifier,
  counts: TextCounts,
  hasRelu: boolean,
): TextPlan {
  const { concepts: r, examples } = request;
  const N = counts.units.length;
  const units = counts.units.reduce((sum, count) => sum + count, 0);
  const p = classifier.layer.dims[1] ?? 1;
  const width = request.factorizer === 'split' ? 2 * p : p;
  const signed = request.compareSigns && (!classifier.nonNegative || request.factorizer === 'split');
  const passes = signed && hasRelu ? 2 : 1;
  // which texts are shown, only a run can tell
  const longest = counts.parts
    .slice()
    .sort()
    .slice(Math.max(0, N - examples));
  const shown = longest.reduce((sum, parts) => sum + 1 + parts, 0);
  const located = Math.min(units, r * BEST_UNITS) * (1 + MOST_UNIT_PARTS);
  const importances = request.compare === null ? 1 : 2;
  const scores = importanceRuns(request, classifier, N);
  const matrices = [units, N].map((rows) => ({ bytes: FLOAT32 * rows * p, whole: isWhole(rows, p) }));
  const latents = (whole: boolean): number =>
    passes * matrices.reduce((sum, m) => sum + (m.whole === whole ? m.bytes : 0), 0);
  return {
    texts: N,
    units,
    encoderRuns: passes * (units + N) + shown + located,
    headRuns: 2 * N * (signed ? passes + 1 : 1) + importances * scores,
    memory: {
      activations: latents(true),
      factorization: FLOAT64 * ((matrices[0].whole ? units * width : 0) + (units + width) * r * 4),
      importance: FLOAT64 * N * (request.sampler === 'halton' ? request.nbDesign * (r + 2) : 3 * r),
    },
    stored: latents(false),
  };
}
