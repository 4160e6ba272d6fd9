// What a run will cost, before it runs: plain data.

import { cropBoxes } from '../inputs/crops.ts';
import { designsPerInput } from '../math/bootstrap-means.ts';
import type { KeyedInputs } from './activation-store.ts';
import type { Classifier } from './classifier.ts';
import { cropsName, LATENT } from './encode-kept.ts';
import { furtherStages, type StagePlan } from './plan-stages.ts';
import { type RecursionPlan, recursionPlan } from './recursion/plan.ts';
import type { ExplainRequest } from './request.ts';

/** Cost of a run. */
export interface Plan {
  readonly images: number;
  /** Rows of A. */
  readonly rows: number;
  /** Crops of one image; 0 in dense mode. */
  readonly cropsPerImage: number;
  /** Inputs that g runs on. */
  readonly encoderRuns: number;
  /** Inputs that g need not run on, as it did in an earlier run. */
  readonly keptRuns: number;
  /** Rows that h runs on, or a part of it where it is folded. */
  readonly headRuns: number;
  /** What taking concepts apart adds at most; null if it is not asked for. */
  readonly recursion: RecursionPlan | null;
  /** What maps and evaluation add at most; missing stages are not asked for. */
  readonly stages: readonly StagePlan[];
  /** Largest memory of each kind, in bytes; the model and the engine come on top. */
  readonly memory: { readonly activations: number; readonly factorization: number; readonly batch: number };
}

/** Images whose activations an earlier run has kept. */
export interface KeptInputs {
  /** All rows of their crops. */
  readonly crops: number;
  /** The latent of the whole image. */
  readonly latents: number;
}

const FLOAT32 = 4;
const FLOAT64 = 8;

/**
 * Counts the work of `explain` on a number of images.
 *
 * @param kept - images whose activations are kept; see {@link keptInputs}.
 * @throws {@link CraftError} `OPTION` if a crop is larger than the model's input.
 */
export function planOf(
  request: ExplainRequest,
  classifier: Classifier,
  images: number,
  kept: KeptInputs = { crops: 0, latents: 0 },
): Plan {
  const { width, height, channels } = classifier.preprocess;
  const latent = classifier.layer.dims.slice(1).map((d) => d ?? 1);
  const size = latent.reduce((product, d) => product * d, 1);
  const p = classifier.latentLayout === 'NCHW' ? latent[0] : latent[latent.length - 1];
  const locations = size / p;
  const dense = request.rows === 'dense';
  const cropsPerImage = dense ? 0 : cropBoxes({ width, height, patchSize: request.patchSize }).length;
  const rows = images * (dense ? locations - classifier.prefixTokens : cropsPerImage);
  const r = request.concepts;
  const keptRuns = kept.crops * cropsPerImage + kept.latents;
  return {
    images,
    rows,
    cropsPerImage,
    encoderRuns: images * (cropsPerImage + 1) - keptRuns,
    keptRuns,
    headRuns: 2 * images + importanceRuns(request, classifier, images),
    recursion: request.recursive
      ? recursionPlan({
          ...request,
          rows,
          images,
          rowsPerRun: dense ? rows / images : 1,
          earlier: classifier.earlier,
        })
      : null,
    stages: furtherStages(request, classifier, { images, rows, cropsPerImage }),
    memory: {
      activations: FLOAT32 * (rows * p + images * size),
      factorization: FLOAT64 * (rows * p + (rows + p) * r * 4),
      batch: FLOAT32 * request.batchSize * (channels * width * height + size),
    },
  };
}

/** Rows of h, or of its two parts, for the importance. */
export function importanceRuns(
  { concepts: r, nbDesign: N, sampler }: Pick<ExplainRequest, 'concepts' | 'nbDesign' | 'sampler'>,
  classifier: Pick<Classifier, 'foldFacts' | 'affineHead'>,
  images: number,
): number {
  const fold = classifier.foldFacts(r);
  const prefix = fold?.hasPrefix ? (r + 1) * (fold.isShared ? 1 : images) : 0;
  if (fold?.isAffine) return prefix;
  const designs = sampler === 'halton' ? 1 : designsPerInput(images);
  return prefix + images * (classifier.affineHead ? 1 : designs * N) * (r + 1);
}

/** Counts what is kept of the images of a source, none of which is decoded for it. */
export async function keptInputs(
  request: ExplainRequest,
  classifier: Classifier,
  source: KeyedInputs,
): Promise<KeptInputs> {
  const kept = { crops: 0, latents: 0 };
  const space = classifier.activations;
  if (!space) return kept;
  const crops = cropsName({ ...classifier, patchSize: request.patchSize });
  for await (const { keys } of source.keyedBatches(async () => true)) {
    for (const key of keys) {
      if (await space.has(LATENT, key)) kept.latents++;
      if (request.rows === 'crops' && (await space.has(crops, key))) kept.crops++;
    }
  }
  return kept;
}
