// A model's bytes to a classifier that is cut in two and checked, on any runtime.

import type { ActivationStore } from '../craft/activation-store.ts';
import type { Classifier } from '../craft/classifier.ts';
import { sha256 } from '../craft/sha256.ts';
import { CraftError } from '../errors.ts';
import { isTflite, tfliteToOnnx } from '../formats/tflite.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { resolvePreprocess } from '../inputs/resolve-preprocess.ts';
import { ORIGINAL_WEIGHTS } from '../onnx/cut.ts';
import { inspectModel, type ModelInspection } from '../onnx/inspect.ts';
import { openFirstCut } from './load-classifier-cut.ts';
import type { Runtime } from './runtime.ts';

/** Options of {@link classifierOf}. */
export interface ClassifierOptions {
  /** Tensor, node or module where g ends; `auto` (default): the suggested cut. */
  readonly layer?: string;
  /** Settings that go before those of `config` and before every guess. */
  readonly preprocess?: Partial<Preprocess>;
  /** A parsed preprocessor_config.json. */
  readonly config?: unknown;
  /** Names of the classes, in order. */
  readonly labels?: readonly string[] | null;
  /** Where activations are kept between runs; default: nowhere. */
  readonly activations?: ActivationStore;
  /** Plain data of the engine and the machine that results may depend on, beside its version. */
  readonly engine?: unknown;
}

/** A model file with what belongs to it. */
export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** External data of the model, by the location that it names. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A model as ONNX, whatever it came as. */
interface Imported {
  readonly model: Uint8Array;
  readonly format: 'onnx' | 'tflite';
  readonly pixel: { scale: number; zeroPoint: number } | null;
}

/** The model as ONNX: itself, or what a TFLite file becomes. */
export function importModel(bytes: Uint8Array): Imported {
  if (!isTflite(bytes)) return { model: bytes, format: 'onnx', pixel: null };
  const { model, input } = tfliteToOnnx(bytes);
  return { model, format: 'tflite', pixel: input.pixel };
}

/**
 * Finds the layer, cuts f = h∘g there, opens both parts and checks h(g(x)) = f(x) on a seeded random image.
 *
 * @throws {@link CraftError} `MODEL_FORMAT`, `MODEL_UNSUPPORTED`, `LAYER_NOT_FOUND`, `NOT_A_CUT`,
 *   `CUT_MISMATCH`, `RUNTIME`, `OPTION`.
 */
export async function classifierOf(
  runtime: Runtime,
  file: ModelFile,
  options: ClassifierOptions = {},
): Promise<Classifier> {
  const imported = importModel(file.bytes);
  const inspection = inspectModel(imported.model);
  const input = primaryInput(inspection);
  const preprocess = resolvePreprocess({
    inputDims: input.dims,
    // whole numbers for an input can only be the pixels themselves
    pixel: imported.pixel ?? (input.type === 'uint8' ? { scale: 1, zeroPoint: 0 } : null),
    config: options.config,
    overrides: options.preprocess ?? {},
    hints: { producer: imported.format === 'tflite' ? 'tflite' : inspection.producer },
  });
  const chosenBy = (options.layer ?? 'auto') === 'auto' ? 'suggestion' : 'user';
  const wanted = chosenBy === 'user' ? (options.layer as string) : suggestedLayer(inspection);
  const digest = await sha256(file.bytes);
  return openFirstCut(
    {
      runtime,
      model: imported.model,
      inspection,
      files: new Map([...file.files, [ORIGINAL_WEIGHTS, imported.model]]),
      preprocess,
      input,
      labels: options.labels ?? null,
      info: { name: file.name, format: imported.format, sha256: digest, bytes: file.bytes.length },
      store: options.activations ?? null,
      facts: { files: await digestsOf(file.files), engine: [runtime.version, options.engine ?? null] },
      cuts: new Map(),
    },
    wanted,
    chosenBy,
  );
}

function primaryInput({ inputs, input }: ModelInspection): ModelInspection['inputs'][number] {
  const found = inputs.find(({ name }) => name === input);
  const others = inputs.filter(({ name }) => name !== input).map(({ name }) => name);
  if (!found || others.length > 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `model inputs: expected one, a batch of images; got ${inputs.map(({ name }) => name).join(', ') || 'none'}`,
    );
  }
  return found;
}

function suggestedLayer({ suggested, layers }: ModelInspection): string {
  if (suggested !== null) return suggested;
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model: expected a layer that all information passes through; got ${layers.length} candidates and none to suggest – name one with --layer`,
  );
}

/** SHA-256 of files by name. */
export async function digestsOf(files: ReadonlyMap<string, Uint8Array>): Promise<[string, string][]> {
  return Promise.all(
    Array.from(files, async ([name, bytes]): Promise<[string, string]> => [name, await sha256(bytes)]),
  );
}
