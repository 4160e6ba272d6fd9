// A text model's bytes to a classifier that is cut in two and checked, on any runtime.

import { ActivationSpace, type ActivationStore } from '../../craft/activation-store.ts';
import type { CutCheck, TextClassifier } from '../../craft/classifier.ts';
import { sha256 } from '../../craft/sha256.ts';
import { requireTokenizer, type TextFiles, textSettings } from '../../inputs/text/text-settings.ts';
import { TextTokenizer } from '../../inputs/text/tokenizer.ts';
import { inspectModel } from '../../onnx/inspect.ts';
import { random } from '../../tensor/random.ts';
import { foldFacts } from '../fold-head.ts';
import { digestsOf, type ModelFile } from '../load-classifier.ts';
import { labelWarnings, layerChoice, numbersOf } from '../load-classifier-cut.ts';
import type { Runtime } from '../runtime.ts';
import { findBatching } from './find-batching.ts';
import { keptCheck, keptLatents, keptProbe, type TextProbe } from './kept-texts.ts';
import type { Batching } from './text-batches.ts';
import { cutText, idsInput, openPair } from './text-cut.ts';
import { textInputs } from './text-feeds.ts';
import type { TextPair } from './text-pair.ts';

/** Options of {@link textClassifierOf}. */
export interface TextClassifierOptions {
  /** Tensor, node or module where g ends; `auto` (default): the vector that the head reads. */
  readonly layer?: string;
  /** Most tokens of a text, special tokens included; default: what the files beside the model say. */
  readonly maxTokens?: number;
  /** Names of the classes, in order; default: those of config.json. */
  readonly labels?: readonly string[] | null;
  /** Where latents are kept between runs; default: nowhere. */
  readonly activations?: ActivationStore;
  /** Plain data of the engine and the machine that results may depend on, beside its version. */
  readonly engine?: unknown;
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
  const { padId } = settings;
  const tokenizer = new TextTokenizer(
    { tokenizer: files.tokenizer, config: files.tokenizerConfig ?? {} },
    maxTokens,
  );
  const chosenBy = (options.layer ?? 'auto') === 'auto' ? 'suggestion' : 'user';
  const cut = cutText(file.bytes, inspection, chosenBy === 'user' ? (options.layer as string) : null);
  const { head, latent } = cut;
  const pair = await openPair(runtime, cut, { file, inspection, inputs, tokenizer, padId });
  const digest = await sha256(file.bytes);
  const space = await spaceOf(options, {
    model: digest,
    files: await digestsOf(file.files),
    tokenizer: await sha256(JSON.stringify([files.tokenizer, files.tokenizerConfig])),
    maxTokens,
    padId,
    layer: latent.tensor,
    output: inspection.logits,
    engine: [runtime.version, options.engine ?? null],
  });
  const probe = await keptProbe(space, () => probePair(pair, tokenizer));
  pair.batching = probe.batching;
  const check = async (texts: readonly string[]): Promise<CutCheck> => {
    const { classes: _, ...found } = await pair.check(texts.map((text) => tokenizer.encode(text)));
    return found;
  };
  const labels = options.labels ?? settings.labels;
  return {
    inputToLatent: space ? keptLatents(space, probe.width, pair.inputToLatent) : pair.inputToLatent,
    latentToLogit: pair.latentToLogit,
    textToLogit: (texts) => pair.scores(texts.map((text) => tokenizer.encode(text))),
    tokenStates: pair.tokenStates,
    tokenVjp: pair.backward.vjp,
    tokenize: (text) => tokenizer.encode(text),
    foldHead: pair.foldHead,
    foldFacts: (rank) => foldFacts(head, latent, rank),
    check: (texts) => (space ? keptCheck(space, texts, () => check(texts)) : check(texts)),
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
      sha256: digest,
      bytes: file.bytes.length,
      input: { name: ids.name, dims: numbersOf(ids.dims) },
      output: { name: inspection.logits, dims: [null, probe.classes] },
    },
    layer: layerChoice(latent, { dims: [1, probe.width], layout: 'NC' }, chosenBy),
    versions: runtime.version,
    warnings: [...labelWarnings(labels, probe.classes), ...batchingWarnings(pair.batching)],
    activations: space,
  };
}

/** Where activations are kept, by everything that they follow from; null: nowhere. */
async function spaceOf(
  { activations }: TextClassifierOptions,
  facts: object,
): Promise<ActivationSpace | null> {
  return activations ? ActivationSpace.of(activations, facts) : null;
}

/** Runs g, h and f, and finds which texts may run together. Releases the pair if anything is wrong. */
async function probePair(pair: TextPair, tokenizer: TextTokenizer): Promise<TextProbe> {
  try {
    const rng = random(0);
    const probes = PROBES.map((length) => tokenizer.randomTokens(length, rng));
    pair.batching = await findBatching(pair, probes);
    const latents = await pair.latents(probes);
    const { classes } = await pair.check(probes);
    return { batching: pair.batching, classes, width: latents.dims[1] };
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
