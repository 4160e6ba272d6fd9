// What a run on texts will cost, before it runs: plain data.

import type { TextClassifier } from '../classifier.ts';
import { importanceRuns } from '../plan.ts';
import { BEST_UNITS } from './text-concepts.ts';
import type { TextData } from './text-data.ts';
import { partsOf } from './text-heatmaps.ts';
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
  readonly memory: { readonly activations: number; readonly factorization: number };
}

const FLOAT32 = 4;
const FLOAT64 = 8;

/**
 * Counts the work of `explainText` on texts that are read.
 *
 * @param hasRelu - the other ways of treating signs are measured at a ReLU too.
 */
export function textPlanOf(
  request: TextRequest,
  classifier: TextClassifier,
  { texts, units }: Pick<TextData, 'texts' | 'units'>,
  hasRelu: boolean,
): TextPlan {
  const { concepts: r, examples } = request;
  const N = texts.length;
  const p = classifier.layer.dims[1] ?? 1;
  const width = request.factorizer === 'split' ? 2 * p : p;
  const signed = request.compareSigns && (!classifier.nonNegative || request.factorizer === 'split');
  const passes = signed && hasRelu ? 2 : 1;
  // which texts are shown, only a run can tell
  const longest = texts.map((text) => 1 + partsOf(text, classifier).length).sort((a, b) => b - a);
  const shown = longest.slice(0, examples).reduce((sum, parts) => sum + parts, 0);
  const located = Math.min(units.length, r * BEST_UNITS) * (1 + MOST_UNIT_PARTS);
  const importances = request.compare === null ? 1 : 2;
  return {
    texts: N,
    units: units.length,
    encoderRuns: passes * (units.length + N) + shown + located,
    headRuns: 2 * N * (signed ? passes + 1 : 1) + importances * importanceRuns(request, classifier, N),
    memory: {
      activations: FLOAT32 * (units.length + N) * p * passes,
      factorization: FLOAT64 * (units.length * width + (units.length + width) * r * 4),
    },
  };
}
