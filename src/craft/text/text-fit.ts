// The fit of a run on texts: concepts of the units, and what h makes of them on whole texts.

import type { Tensor } from '../../tensor/tensor.ts';
import { conceptOrder, reorderColumns } from '../concept-list.ts';
import type { Coefficients } from '../concepts.ts';
import { type Factorization, factorize } from '../factorize.ts';
import { estimateImportance, type Importance } from '../importance.ts';
import type { RunOptions } from '../options.ts';
import type { Reconstruction } from '../reconstruct.ts';
import type { Stopwatch } from '../stopwatch.ts';
import type { SignsWay } from './compare-signs.ts';
import type { TextLatents } from './encode-texts.ts';
import { matrixCoefficients, reconstructMatrix } from './latent-matrix.ts';
import { wayOf } from './signs-ways.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import type { TextRequest } from './text-request.ts';

/** What all stages of a run share. */
export interface TextRun {
  readonly request: TextRequest;
  readonly effects: TextEffects;
  readonly target: { readonly id: number; readonly label: string };
  readonly data: TextData;
  readonly watch: Stopwatch;
  readonly run: RunOptions;
}

/** What is fitted; concepts in the order of their ids but in `fit` and `coefficients`. */
export interface FittedTexts {
  readonly way: SignsWay;
  readonly fit: Factorization;
  /** `order[id]` is a concept's index in the fit. */
  readonly order: readonly number[];
  readonly importance: Importance;
  readonly reconstruction: Reconstruction;
  /** Of the texts, in the order of the fit. */
  readonly coefficients: Coefficients;
  /** The same by concept id, [N, r]. */
  readonly U_texts: Tensor;
}

/** Fits the concepts of the units and ranks them over the texts. */
export async function fitTexts(
  { request, effects, target, watch, run }: TextRun,
  latents: TextLatents,
): Promise<FittedTexts> {
  const way = wayOf(request, effects.classifier, latents);
  const { parts, units, texts } = way;
  const fit = await watch.time('fit', () => factorize(units, parts.options, run));
  const u = await watch.time('importance', () => matrixCoefficients(texts, fit.W, run));
  const found = await watch.time('importance', () => importanceIn({ way, fit }, u, target.id, request, run));
  const head = parts.needHead('explainText');
  const reconstruction = await watch.time('completeness', () =>
    reconstructMatrix(texts, u, fit.W, head, parts.options.batchSize),
  );
  const order = conceptOrder(found.total);
  const U_texts = reorderColumns({ data: u.data, dims: [u.count, u.rank] }, order);
  return { way, fit, order, importance: inOrder(found, order), reconstruction, coefficients: u, U_texts };
}

/** Importance of the concepts, in the order of the fit, for a class over some texts. */
export function importanceIn(
  { way: { parts }, fit: { W } }: Pick<FittedTexts, 'way' | 'fit'>,
  coefficients: Coefficients,
  classId: number,
  { nbDesign, sampler, estimator, confidence }: TextRequest,
  run: RunOptions,
): Promise<Importance> {
  const { affineHead, batchSize, seed } = parts.options;
  const head = parts.needHead('importance');
  const { foldHead } = parts;
  return estimateImportance(
    { head, foldHead, W, coefficients: [coefficients], affineHead, batchSize, seed },
    { nbDesign, sampler, estimator, confidence, classId, ...run },
  );
}

/** Importance with the concepts in the order of their ids. */
export function inOrder(importance: Importance, order: readonly number[]): Importance {
  const ordered = (values: Float64Array): Float64Array => Float64Array.from(order, (i) => values[i]);
  return {
    ...importance,
    total: ordered(importance.total),
    lower: ordered(importance.lower),
    upper: ordered(importance.upper),
    effect: ordered(importance.effect),
    aboveNext: ordered(importance.aboveNext),
    perInput: reorderColumns(importance.perInput, order) as Importance['perInput'],
  };
}
