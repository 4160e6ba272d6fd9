// A text model's bytes to a classifier that is cut in two and checked, on any runtime.

import type { TextClassifier } from '../../craft/classifier.ts';
import { sha256 } from '../../craft/sha256.ts';
import { CraftError } from '../../errors.ts';
import { requireTokenizer, type TextFiles, textSettings } from '../../inputs/text/text-settings.ts';
import { TextTokenizer } from '../../inputs/text/tokenizer.ts';
import { type CutModel, cutModel, ORIGINAL_WEIGHTS } from '../../onnx/cut.ts';
import { inspectModel, type ModelInspection } from '../../onnx/inspect.ts';
import { random } from '../../tensor/random.ts';
import { foldFacts } from '../fold-head.ts';
import type { ModelFile } from '../load-classifier.ts';
import { labelWarnings, layerChoice, numbersOf, wholeModel } from '../load-classifier-cut.ts';
import type { Runtime } from '../runtime.ts';
import { findBatching } from './find-batching.ts';
import type { Batching } from './text-batches.ts';
import { type TextInputs, textInputs } from './text-feeds.ts';
import { TextPair } from './text-pair.ts';

/** Options of {@link textClassifierOf}. */
export interface TextClassifierOptions {
  /** Tensor, node or module where g ends; `auto` (default): the vector that the head reads. */
  readonly layer?: string;
  /** Most tokens of a text, special tokens included; default: what the files beside the model say. */
  readonly maxTokens?: number;
  /** Names of the classes, in order; default: those of config.json. */
  readonly labels?: readonly string[] | null;
}

/** Lengths of the random texts that a model is tried on, in tokens without special ones. */
const PROBES = [1, 7, 7, 3, 26];

/**
 * Finds the layer, cuts f = h∘g there, opens the parts, finds which texts may run together and checks that
 * h(g(x)) = f(x), on seeded random tokens of different lengths in one batch.
 *
 * @throws {@link CraftError} `MODEL_FORMAT`, `MODEL_UNSUPPORTED`, `FILE_FORMAT`, `LAYER_NOT_FOUND`, `NOT_A_CUT`,
 *   `CUT_MISMATCH`, `RUNTIME`, `OPTION`.
 */
export async function textClassifierOf(
  runtime: Runtime,
  file: ModelFile,
  files: TextFiles,
  options: TextClassifierOptions = {},
): Promise<TextClassifier> {
  requireTokenizer(files, file.name);
  const inspection = inspectModel(file.bytes);
  const ids = idsInput(inspection);
  const inputs = textInputs(inspection.inputs, ids.name);
  const settings = textSettings(files, options.maxTokens);
  const maxTokens = Math.min(settings.maxTokens, inputs.length ?? Number.POSITIVE_INFINITY);
  const tokenizer = new TextTokenizer(
    { tokenizer: files.tokenizer, config: files.tokenizerConfig ?? {} },
    maxTokens,
  );
  const isChosen = (options.layer ?? 'auto') !== 'auto';
  const cut = cutModel(file.bytes, isChosen ? (options.layer as string) : suggestedVector(inspection), {
    inline: false,
    output: inspection.logits,
  });
  const { head, latent } = cut;
  const weights = new Map([...file.files, [ORIGINAL_WEIGHTS, file.bytes]]);
  const pair = await openPair(runtime, cut, {
    file,
    inspection,
    inputs,
    tokenizer,
    weights,
    padId: settings.padId,
  });
  const probe = await probePair(pair, tokenizer);
  const labels = options.labels ?? settings.labels;
  return {
    inputToLatent: pair.inputToLatent,
    latentToLogit: pair.latentToLogit,
    textToLogit: (texts) => pair.scores(texts.map((text) => tokenizer.encode(text))),
    tokenStates: pair.tokenStates,
    tokenVjp: pair.backward.vjp,
    tokenize: (text) => tokenizer.encode(text),
    foldHead: pair.foldHead,
    foldFacts: (rank) => foldFacts(head, latent, rank),
    check: async (texts) => {
      const { classes: _, ...check } = await pair.check(texts.map((text) => tokenizer.encode(text)));
      return check;
    },
    release: () => pair.release(),
    encoderRuns: () => pair.encoderRuns,
    labels,
    classes: probe.classes,
    inputShape: numbersOf(ids.dims),
    latentLayout: 'NC',
    prefixTokens: 0,
    reads: latent.reads,
    affineHead: latent.linearHead,
    nonNegative: latent.nonNegative === true,
    maxTokens,
    batching: pair.batching,
    model: {
      name: file.name,
      format: 'onnx',
      sha256: await sha256(file.bytes),
      bytes: file.bytes.length,
      input: { name: ids.name, dims: numbersOf(ids.dims) },
      output: { name: inspection.logits, dims: [null, probe.classes] },
    },
    layer: layerChoice(latent, { dims: [1, probe.width], layout: 'NC' }, isChosen ? 'user' : 'suggestion'),
    versions: runtime.version,
    warnings: [...labelWarnings(labels, probe.classes), ...batchingWarnings(pair.batching)],
    activations: null,
  };
}

function idsInput({ inputs, input, readsText }: ModelInspection): ModelInspection['inputs'][number] {
  const found = inputs.find(({ name }) => name === input);
  if (found && readsText) return found;
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model inputs: expected token ids, int64 or int32 [N, T]; got ${inputs.map(({ name, type, dims }) => `${name} ${type} [${dims}]`).join(', ') || 'none'}`,
  );
}

function suggestedVector({ suggested, layers }: ModelInspection): string {
  if (layers.find(({ tensor }) => tensor === suggested)?.layout === 'NC') return suggested as string;
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    'model: expected a vector for each text before the class scores; got none to suggest – name a layer with --layer',
  );
}

interface Context {
  readonly file: ModelFile;
  readonly inspection: ModelInspection;
  readonly inputs: TextInputs;
  readonly tokenizer: TextTokenizer;
  readonly weights: ReadonlyMap<string, Uint8Array>;
  readonly padId: number;
}

async function openPair(
  runtime: Runtime,
  { encoder, head, latent, sideInputs, output }: CutModel,
  { file, inspection, inputs, tokenizer, weights, padId }: Context,
): Promise<TextPair> {
  if (latent.layout !== 'NC' || sideInputs.length > 0) {
    const also = sideInputs.length > 0 ? `, and a head that also reads ${sideInputs.join(', ')}` : '';
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `layer ${latent.tensor}: expected a vector for each text, after the pool over its tokens; got dims [${latent.shape.map((d) => d ?? '?')}]${also} – choose a later layer (suggested: ${inspection.suggested})`,
    );
  }
  const { whole, wholeOutput } = wholeModel(file.bytes, inspection);
  const inputsOf = (model: Uint8Array): string[] => inspectModel(model).inputs.map(({ name }) => name);
  const tokens =
    latent.pooledFrom === null ? null : cutModel(file.bytes, latent.pooledFrom, { inline: false });
  return TextPair.open(runtime, {
    encoder: { model: encoder, inputs: inputsOf(encoder), output: latent.inputName },
    head: { model: head, output },
    whole: { model: whole, inputs: inputsOf(whole), output: wholeOutput },
    tokens: tokens && {
      model: tokens.encoder,
      inputs: inputsOf(tokens.encoder),
      output: tokens.latent.inputName,
    },
    latent: latent.inputName,
    latentBatch: latent.batch,
    inputs,
    padId,
    files: weights,
    tokenize: (text) => tokenizer.encode(text),
  });
}

/** Runs g, h and f, and finds which texts may run together. Releases the pair if anything is wrong. */
async function probePair(
  pair: TextPair,
  tokenizer: TextTokenizer,
): Promise<{ classes: number; width: number }> {
  try {
    const rng = random(0);
    const probes = PROBES.map((length) => tokenizer.randomTokens(length, rng));
    pair.batching = await findBatching(pair, probes);
    const latents = await pair.latents(probes);
    const { classes } = await pair.check(probes);
    return { classes, width: latents.dims[1] };
  } catch (error) {
    await pair.release();
    throw error;
  }
}

function batchingWarnings(batching: Batching): string[] {
  switch (batching) {
    case 'padded':
      return [];
    case 'equal-lengths':
      return [
        'The model sees the padding of a batch: only texts with the same number of tokens run together, which takes longer.',
      ];
    case 'alone':
      return ['Texts of one batch change the scores of each other in this model: they run one by one.'];
  }
}
