// What each way of treating signed latents keeps of the model's answer, with the same number of concepts.

import { completeness, topClass } from '../../metrics/completeness.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { factorize } from '../factorize.ts';
import type { RunOptions } from '../options.ts';
import type { CraftParts } from '../parts.ts';
import type { Reconstruction } from '../reconstruct.ts';
import { matrixCoefficients, reconstructMatrix, widthOf } from './latent-matrix.ts';
import type { LatentMatrix } from './latent-storage.ts';
import type { SignsReport } from './text-explanation.ts';

/** A way with its classifier, and latents for it. */
export interface SignsWay {
  readonly way: SignsReport['way'];
  readonly layer: string;
  readonly parts: CraftParts;
  /** Latents of units [n, p] and of texts [N, p]. */
  readonly units: LatentMatrix;
  readonly texts: LatentMatrix;
}

/** The right class of each text; −1 where it is not known. */
export type Truth = readonly number[];

/** Fits a way and reports it. */
export async function reportWay(
  { way, layer, parts, units, texts }: SignsWay,
  classId: number,
  truth: Truth,
  run: RunOptions,
): Promise<SignsReport> {
  const { W } = await factorize(units, parts.options, run);
  const u = await matrixCoefficients(texts, W, run);
  const head = parts.needHead('signs');
  const reconstruction = await reconstructMatrix(texts, u, W, head, parts.options.batchSize);
  return signsReport(way, layer, reconstruction, { width: widthOf(texts), classId, truth });
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
