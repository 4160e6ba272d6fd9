// A classifier from a file, run by the native ONNX Runtime.

import type { Classifier } from '../craft/classifier.ts';
import { type ClassifierOptions, classifierOf, type ModelFile } from './load-classifier.ts';
import { labelsBeside, preprocessBeside, readModelFile } from './model-file-fs.ts';
import { type NodeRuntimeOptions, nodeRuntime } from './node.ts';

/** Options of {@link loadClassifier}. */
export type LoadOptions = Omit<ClassifierOptions, 'engine'> & NodeRuntimeOptions;

/**
 * Loads an ONNX or TFLite image classifier, finds the layer, cuts it there and checks that h(g(x)) = f(x).
 *
 * From a path, the external data of the model, its preprocessing file and its class names are found
 * beside it; from bytes, only what `options` says is known.
 *
 * @param model - path or bytes of the model.
 * @throws {@link CraftError} `FILE`, `MODEL_FORMAT`, `MODEL_UNSUPPORTED`, `LAYER_NOT_FOUND`, `NOT_A_CUT`,
 *   `CUT_MISMATCH`, `RUNTIME`, `OPTION`.
 *
 * @example
 * const classifier = await loadClassifier('model.onnx', { layer: 'layer4' });
 * const craft = new Craft({ ...classifier, numberOfConcepts: 10 });
 */
export async function loadClassifier(
  model: string | Uint8Array,
  options: LoadOptions = {},
): Promise<Classifier> {
  const runtime = await nodeRuntime(options);
  // kernels differ between providers and between processors
  const engine = [options.executionProviders ?? null, process.arch];
  if (typeof model !== 'string') {
    const file: ModelFile = { name: 'model', bytes: model, files: new Map() };
    return classifierOf(runtime, file, { ...options, engine });
  }
  return classifierOf(runtime, await readModelFile(model), {
    ...options,
    engine,
    config: options.config ?? (await preprocessBeside(model)),
    labels: options.labels ?? (await labelsBeside(model)),
  });
}
