// What each way of treating signed latents keeps of the model's answer, with the same number of concepts.

import { completeness, topClass } from '../../metrics/completeness.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Craft } from '../craft.ts';
import { factorize } from '../factorize.ts';
import type { RunOptions } from '../options.ts';
import type { Reconstruction } from '../reconstruct.ts';
import type { SignsReport } from './text-explanation.ts';

/** A way with its classifier: a Craft that is not fitted yet, and latents for it. */
export interface SignsWay {
  readonly way: SignsReport['way'];
  readonly layer: string;
  readonly craft: Craft;
  /** Latents of units [n, p] and of texts [N, p]. */
  readonly units: Tensor<Float32Array>;
  readonly texts: Tensor<Float32Array>;
}

/** The right class of each text; −1 where it is not known. */
export type Truth = readonly number[];

/** Fits a way and reports it. */
export async function reportWay(
  { way, layer, craft, units, texts }: SignsWay,
  classId: number,
  truth: Truth,
  run: RunOptions,
): Promise<SignsReport> {
  craft.useConcepts((await factorize(units, craft.options, run)).W);
  return signsReport(way, layer, await craft.reconstruct(texts, run), {
    width: texts.dims[1],
    classId,
    truth,
  });
}

/** The report of a way that is fitted. */
export function signsReport(
  way: SignsReport['way'],
  layer: string,
  { logits, reconstructed, relativeError }: Reconstruction,
  { width, classId, truth }: { width: number; classId: number; truth: Truth },
): SignsReport {
  const { r2, top1Agreement } = completeness(logits, reconstructed, classId);
  return { way, layer, width, relativeError, r2, top1Agreement, accuracy: accuracyOf(reconstructed, truth) };
}

/** Share of the texts whose class is known and named by the scores; null if no class is known. */
export function accuracyOf(logits: Tensor, truth: Truth): number | null {
  const known = truth.map((_, n) => n).filter((n) => truth[n] >= 0);
  if (known.length === 0) return null;
  return known.filter((n) => topClass(logits, n) === truth[n]).length / known.length;
}
