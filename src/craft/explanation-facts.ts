// What explanations of images and of texts say alike, from what a run found.

import { VERSION } from '../version.ts';
import type { Classifier, CutCheck } from './classifier.ts';
import { EXPLANATION_FORMAT, EXPLANATION_VERSION, type Explanation } from './explanation.ts';
import type { Factorization } from './factorize.ts';
import type { Importance } from './importance.ts';

/** What of a classifier is said. */
type Described = Pick<Classifier, 'model' | 'layer' | 'classes' | 'versions' | 'affineHead'>;

/** Format, versions, model and layer. */
export function explanationHead(
  { model, layer, classes, versions, affineHead }: Described,
  cutCheck: CutCheck,
  nonNegative: boolean,
): Pick<Explanation, 'format' | 'version' | 'versions' | 'model' | 'layer'> {
  return {
    format: EXPLANATION_FORMAT,
    version: EXPLANATION_VERSION,
    versions: { 'craft-xai': VERSION, ...versions },
    model: { ...model, input: { ...model.input }, output: { ...model.output }, classes },
    layer: {
      tensor: layer.tensor,
      name: layer.name,
      op: layer.op,
      dims: [...layer.dims],
      layout: layer.layout,
      prefixTokens: layer.prefixTokens,
      chosenBy: layer.chosenBy,
      nonNegative,
      head: affineHead ? 'affine' : 'general',
      cutCheck: { ...cutCheck },
    },
  };
}

export function factorizationFacts(fit: Factorization): Explanation['factorization'] {
  return {
    method: fit.method,
    rows: fit.U.dims[0],
    width: fit.W.dims[1],
    iterations: fit.iterations,
    converged: fit.converged,
    ...(fit.ended && { ended: fit.ended }),
    loss: fit.loss,
    relativeError: fit.relativeError,
  };
}

export function importanceFacts(importance: Importance): Explanation['importance'] {
  return {
    method: importance.method,
    path: importance.path,
    resampled: importance.resampled,
    degenerate: importance.degenerate,
    sum: importance.total.reduce((sum, s) => sum + s, 0),
    headEvaluations: importance.headEvaluations,
    prefixEvaluations: importance.prefixEvaluations,
  };
}
