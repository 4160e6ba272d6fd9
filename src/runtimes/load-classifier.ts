// A model's bytes to a classifier that is cut in two and checked, on any runtime.

import { ActivationSpace, type ActivationStore } from '../craft/activation-store.ts';
import type { Classifier, LayerChoice } from '../craft/classifier.ts';
import { sha256 } from '../craft/sha256.ts';
import { CraftError } from '../errors.ts';
import { isTflite, tfliteToOnnx } from '../formats/tflite.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { resolvePreprocess } from '../inputs/resolve-preprocess.ts';
import { cutModel, type LatentInfo, ORIGINAL_WEIGHTS } from '../onnx/cut.ts';
import { inspectModel, type ModelInspection } from '../onnx/inspect.ts';
import { CutPair } from './cut-pair.ts';
import { foldFacts } from './fold-head.ts';
import { type Probe, probeOnce } from './probe.ts';
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
  const { encoder, head, latent, sideInputs, output } = cutModel(imported.model, wanted, {
    inline: false,
    output: inspection.logits,
  });
  if (sideInputs.length > 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `model inputs: expected one, the image; got also ${sideInputs.join(', ')} that the head reads`,
    );
  }
  const pair = await CutPair.open(runtime, {
    encoder,
    head,
    ...wholeModel(imported.model, inspection),
    input: inspection.input,
    latent: latent.inputName,
    output,
    batch: latent.batch,
    files: new Map([...file.files, [ORIGINAL_WEIGHTS, imported.model]]),
  });
  const digest = await sha256(file.bytes);
  const space = options.activations
    ? await ActivationSpace.of(options.activations, {
        model: digest,
        files: await digestsOf(file.files),
        layer: latent.tensor,
        output: inspection.logits,
        engine: [runtime.version, options.engine ?? null],
      })
    : null;
  const probe = await probeOnce(pair, preprocess, space);
  return {
    inputToLatent: pair.inputToLatent,
    latentToLogit: pair.latentToLogit,
    foldHead: pair.foldHead,
    foldFacts: (rank) => foldFacts(head, latent, rank),
    check: (batch) => pair.check(batch),
    release: () => pair.release(),
    labels: options.labels ?? null,
    classes: probe.classes,
    inputShape: numbersOf(input.dims),
    inputLayout: preprocess.layout,
    latentLayout: latent.layout ?? probe.layout,
    prefixTokens: latent.prefixTokens,
    reads: latent.reads,
    affineHead: latent.linearHead,
    preprocess,
    model: {
      name: file.name,
      format: imported.format,
      sha256: digest,
      bytes: file.bytes.length,
      input: { name: input.name, dims: numbersOf(input.dims) },
      output: { name: inspection.logits, dims: [null, probe.classes] },
    },
    layer: layerChoice(latent, probe, chosenBy),
    versions: runtime.version,
    warnings: labelWarnings(options.labels, probe.classes),
    activations: space,
    encoderRuns: () => pair.encoderRuns,
  };
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

/** f up to the class scores: the model itself, or what is before its softmax. */
function wholeModel(
  model: Uint8Array,
  { outputs, logits }: ModelInspection,
): { whole: Uint8Array; wholeOutput: string } {
  if (outputs.some(({ name }) => name === logits)) return { whole: model, wholeOutput: logits };
  const { encoder, latent } = cutModel(model, logits, { inline: false });
  return { whole: encoder, wholeOutput: latent.inputName };
}

function layerChoice(latent: LatentInfo, probe: Probe, chosenBy: LayerChoice['chosenBy']): LayerChoice {
  return {
    tensor: latent.tensor,
    name: latent.module || latent.name,
    op: latent.op,
    dims: [null, ...probe.dims.slice(1)],
    layout: latent.layout ?? probe.layout,
    prefixTokens: latent.prefixTokens,
    reads: latent.reads,
    chosenBy,
  };
}

function labelWarnings(labels: readonly string[] | null | undefined, classes: number): string[] {
  if (!labels || labels.length === classes) return [];
  return [
    `The label file has ${labels.length} names and the model ${classes} classes: names may be shifted.`,
  ];
}

function numbersOf(dims: readonly (number | string | null)[]): (number | null)[] {
  return dims.map((d) => (typeof d === 'number' ? d : null));
}

async function digestsOf(files: ReadonlyMap<string, Uint8Array>): Promise<[string, string][]> {
  return Promise.all(
    Array.from(files, async ([name, bytes]): Promise<[string, string]> => [name, await sha256(bytes)]),
  );
}
