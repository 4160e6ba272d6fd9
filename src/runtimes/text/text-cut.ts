// Where a text model is cut: at a vector for each text that its head reads and nothing beside it.

import { CraftError } from '../../errors.ts';
import type { TextTokenizer } from '../../inputs/text/tokenizer.ts';
import { type CutModel, cutModel, ORIGINAL_WEIGHTS } from '../../onnx/cut.ts';
import { inspectModel, type ModelInspection } from '../../onnx/inspect.ts';
import type { ModelFile } from '../load-classifier.ts';
import { wholeModel } from '../load-classifier-cut.ts';
import type { Runtime } from '../runtime.ts';
import type { TextInputs } from './text-feeds.ts';
import { TextPair } from './text-pair.ts';

/** The input with the token ids. @throws {@link CraftError} `MODEL_UNSUPPORTED` if there is none. */
export function idsInput({ inputs, input, readsText }: ModelInspection): ModelInspection['inputs'][number] {
  const found = inputs.find(({ name }) => name === input);
  if (found && readsText) return found;
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model inputs: expected token ids, int64 or int32 [N, T]; got ${inputs.map(({ name, type, dims }) => `${name} ${type} [${dims}]`).join(', ') || 'none'}`,
  );
}

/**
 * Cuts the model at `layer`, or at the vector that is suggested. Where the head reads the attention mask beside that,
 * as to divide a sum over tokens by their number, at the next vector whose head reads nothing else: concepts are
 * of the vector alone.
 *
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if the layer is no such vector, or the model has none;
 *   `LAYER_NOT_FOUND`, `NOT_A_CUT`.
 */
export function cutText(bytes: Uint8Array, inspection: ModelInspection, layer: string | null): CutModel {
  const cutAt = (name: string): CutModel =>
    cutModel(bytes, name, { inline: false, output: inspection.logits });
  if (layer === null) return firstVector(inspection, cutAt);
  const cut = cutAt(layer);
  if (isAlone(cut)) return cut;
  const { latent, sideInputs } = cut;
  const also = sideInputs.length > 0 ? `, and a head that also reads ${sideInputs.join(', ')}` : '';
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `layer ${latent.tensor}: expected a vector for each text, after the pool over its tokens; got dims [${latent.shape.map((d) => d ?? '?')}]${also} – choose a later layer (suggested: ${firstVector(inspection, cutAt).latent.tensor})`,
  );
}

/**
 * The vectors that the model can be explained at, in the order of the graph, and the one that {@link cutText} takes
 * by itself; null where it takes none.
 */
export function textVectors(
  bytes: Uint8Array,
  inspection: ModelInspection,
): Pick<ModelInspection, 'layers' | 'suggested'> {
  const layers = inspection.layers.filter(
    ({ tensor, layout }) =>
      layout === 'NC' && isAlone(cutModel(bytes, tensor, { inline: false, output: inspection.logits })),
  );
  const from = inspection.layers.findIndex(({ tensor }) => tensor === inspection.suggested);
  const isVector = inspection.layers[from]?.layout === 'NC';
  const found = isVector ? layers.find((layer) => inspection.layers.indexOf(layer) >= from) : undefined;
  return { layers, suggested: found?.tensor ?? null };
}

function isAlone({ latent, sideInputs }: CutModel): boolean {
  return latent.layout === 'NC' && sideInputs.length === 0;
}

function firstVector({ layers, suggested }: ModelInspection, cutAt: (name: string) => CutModel): CutModel {
  const from = layers.findIndex(({ tensor }) => tensor === suggested);
  const vectors = from < 0 ? [] : layers.slice(from).filter(({ layout }) => layout === 'NC');
  let also: readonly string[] = [];
  if (layers[from]?.layout === 'NC') {
    for (const { tensor } of vectors) {
      const cut = cutAt(tensor);
      if (isAlone(cut)) return cut;
      also = cut.sideInputs;
    }
  }
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model: expected a vector for each text before the class scores, which the head reads alone; got ${also.length > 0 ? `heads that also read ${also.join(', ')}` : 'none to suggest'} – export the model with its pool before the last linear layer`,
  );
}

interface Context {
  readonly file: ModelFile;
  readonly inspection: ModelInspection;
  readonly inputs: TextInputs;
  readonly tokenizer: TextTokenizer;
  readonly padId: number;
}

/** Opens h, and the other parts when they first run. @throws {@link CraftError} `RUNTIME`, as {@link cutModel}. */
export async function openPair(
  runtime: Runtime,
  { encoder, head, latent, output }: CutModel,
  { file, inspection, inputs, tokenizer, padId }: Context,
): Promise<TextPair> {
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
    files: new Map([...file.files, [ORIGINAL_WEIGHTS, file.bytes]]),
    tokenize: (text) => tokenizer.encode(text),
  });
}
