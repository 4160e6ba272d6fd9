// An image of one's own on concepts that a run has found. Runs in the thread that calls it.

import { Craft } from '../craft/craft.ts';
import type { Explanation } from '../craft/explanation.ts';
import { ImageFiles } from '../inputs/image-source-web.ts';
import { loadClassifier } from '../runtimes/web/load-classifier-web.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ExplainJob } from './explain-job.ts';

/** The model as for the run, what the run found, and one image. */
export interface TryJob
  extends Omit<
    ExplainJob,
    'images' | 'request' | 'limit' | 'source' | 'memoryLimit' | 'layer' | 'preprocess'
  > {
  readonly image: File;
  readonly explanation: Pick<Explanation, 'class' | 'layer' | 'preprocess' | 'settings'>;
  /** Concept bank [r, p] of the run. */
  readonly W: Tensor;
}

/** What the concepts are on the image. */
export interface Tried {
  /** Score of the class explained: h(g(x)). */
  readonly logit: number;
  /** The same from the concepts alone: h(UW). */
  readonly rebuilt: number;
  readonly predicted: { readonly id: number; readonly label: string; readonly logit: number };
  /** By concept: its total Sobol index for this score, and which way and how far it moves it. */
  readonly concepts: readonly { readonly importance: number; readonly effect: number }[];
  /** The image as the model saw it: JPEG. */
  readonly picture: Blob;
}

/**
 * Runs the model on one image and tells what the concepts of a run do there.
 *
 * @throws {@link CraftError} as {@link loadClassifier}; `NO_INPUTS` if the image cannot be decoded.
 */
export async function runTryJob({ image, explanation, W, ...model }: TryJob): Promise<Tried> {
  const { class: target, layer, preprocess, settings } = explanation;
  const classifier = await loadClassifier(model.model, { ...model, layer: layer.tensor, preprocess });
  try {
    const files = new ImageFiles([{ name: image.name, blob: image }], { preprocess: classifier.preprocess });
    const craft = new Craft({ ...classifier, numberOfConcepts: W.dims[0], seed: settings.seed });
    craft.useConcepts(W);
    const { logits, reconstructed } = await craft.reconstruct(files);
    const { nbDesign, sampler, estimator } = settings;
    const how = { classId: target.id, nbDesign, sampler, estimator };
    const { total, effect } = await craft.estimateImportance(files, how);
    const scores = Array.from(logits.data, Number);
    const id = scores.indexOf(Math.max(...scores));
    return {
      logit: scores[target.id],
      rebuilt: Number(reconstructed.data[target.id]),
      predicted: { id, label: classifier.labels?.[id] ?? `class ${id}`, logit: scores[id] },
      concepts: Array.from(total, (importance, i) => ({ importance, effect: effect[i] })),
      picture: await files.picture(files.names[0]),
    };
  } finally {
    await classifier.release();
  }
}
