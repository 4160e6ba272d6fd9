import { resolvePreprocess } from '../inputs/resolve-preprocess.ts';
import { inspectModel } from '../onnx/inspect.ts';
import { importModel } from '../runtimes/load-classifier.ts';
import { textVectors } from '../runtimes/text/text-cut.ts';
import { readModel } from '../runtimes/web/load-classifier-web.ts';
import type { InspectJob, WebInspection } from './messages.ts';

/**
 * Describes a model and how its images will be prepared.
 *
 * @throws {@link CraftError} `FILE`, `DOWNLOAD`, `MODEL_FORMAT`, `MODEL_UNSUPPORTED` if it is no classifier of
 *   images or texts, `OPTION`.
 */
export async function runInspectJob({
  model,
  preprocess,
  config,
  ...options
}: InspectJob): Promise<WebInspection> {
  const file = await readModel(model, options);
  const { model: onnx, format, pixel } = importModel(file.bytes);
  const inspection = inspectModel(onnx);
  const facts = { name: file.name, format, bytes: file.bytes.length };
  if (inspection.readsText) {
    const vectors = textVectors(onnx, inspection);
    return { ...facts, inspection: { ...inspection, ...vectors }, preprocess: null };
  }
  const input = inspection.inputs.find(({ name }) => name === inspection.input);
  return {
    ...facts,
    inspection,
    preprocess: resolvePreprocess({
      inputDims: input?.dims ?? [],
      pixel: pixel ?? (input?.type === 'uint8' ? { scale: 1, zeroPoint: 0 } : null),
      config,
      overrides: preprocess ?? {},
      hints: { producer: format === 'tflite' ? 'tflite' : inspection.producer },
    }),
  };
}
