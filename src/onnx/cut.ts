// f = h ∘ g: two models from one, cut at a layer.

import { CraftError } from '../errors.ts';
import { type Analysis, analyse, openModel, primaryOutput } from './analysis.ts';
import { assemble } from './assemble.ts';
import { bypassing } from './dominators.ts';
import { describe } from './graph.ts';
import { isFloatTensor, type LayerInfo, layerDescriber } from './layer.ts';
import { quoted, resolveLayer } from './layer-names.ts';
import { pooledTokens } from './pooled-tokens.ts';
import { decodeModel, encodeModel } from './proto/read.ts';
import { byReference, inside } from './weights.ts';

export { ORIGINAL_WEIGHTS } from './weights.ts';

export interface CutOptions {
  /**
   * true: both halves hold their weights. false: weights of 1 KiB and more are external data of the file
   * {@link ORIGINAL_WEIGHTS}, at their place in `bytes`; external ones stay external. Default true.
   */
  inline?: boolean;
  /** Tensor that the head ends at. Default: the model's output. */
  output?: string;
  /** Bytes of the files that the model keeps weights in, by the name that it has for them. */
  externalData?: ReadonlyMap<string, Uint8Array>;
}

/** The layer that a model was cut at. */
export interface LatentInfo extends LayerInfo {
  /** Name of the encoder's output and of the head's input; float32, whatever the model computes in. */
  inputName: string;
  /** The batch size that the model is made for; null if it is free. */
  batch: number | null;
  /** The states of tokens [N, T, p] that it is a pool of, in the same space; null if it is none. */
  pooledFrom: string | null;
}

export interface CutModel {
  /** ONNX model g: the inputs that it needs → latent. */
  encoder: Uint8Array<ArrayBuffer>;
  /** ONNX model h: latent and side inputs → output. */
  head: Uint8Array<ArrayBuffer>;
  latent: LatentInfo;
  /** Inputs of the model that the head reads as well, such as an attention mask. */
  sideInputs: string[];
  /** Name of the head's output. */
  output: string;
}

/**
 * Cuts a model in two at a layer, such that head(encoder(x)) = model(x).
 *
 * Shapes that the head reads of tensors before the cut are computed from the latent's own, so a batch
 * that is free in the model is free in both halves.
 *
 * @param bytes - of the ONNX file; not changed.
 * @param layer - a tensor, a node, or a torch module (`layer4.1`).
 * @throws {@link CraftError} `LAYER_NOT_FOUND`; `NOT_A_CUT` if information bypasses the layer, with the
 *   tensors that carry it; `MODEL_FORMAT`, `MODEL_UNSUPPORTED`; `FILE` if weights in other files are missing.
 */
export function cutModel(bytes: Uint8Array, layer: string, options: CutOptions = {}): CutModel {
  const { inline = true, externalData = new Map<string, Uint8Array>() } = options;
  const { graph, shapes } = openModel(decodeModel(bytes));
  const output = options.output ?? primaryOutput(graph);
  if (!graph.producer.has(output)) {
    throw new CraftError(
      'LAYER_NOT_FOUND',
      `cutModel: expected an output that a node makes; got "${output}"; outputs of the model: ${quoted(graph.outputs.map((o) => o.name))}`,
    );
  }
  const analysis = analyse(graph, shapes, output);
  const tensor = resolveLayer(analysis, layer);
  checkCut(analysis, tensor);

  const place = inline ? inside(externalData) : byReference(bytes);
  const halves = assemble(analysis, tensor, place);
  const describe = layerDescriber(analysis);
  const info = describe(tensor);
  const [batch = null] = info.shape;
  return {
    encoder: encodeModel(halves.encoder),
    head: encodeModel(halves.head),
    latent: {
      ...info,
      inputName: halves.latent,
      batch: typeof batch === 'number' ? batch : null,
      pooledFrom: pooledTokens(analysis, info, describe),
    },
    sideInputs: halves.sideInputs,
    output: halves.output,
  };
}

function checkCut(analysis: Analysis, tensor: string): void {
  const { path } = analysis;
  if (tensor === path.output) {
    throw new CraftError(
      'NOT_A_CUT',
      `cutModel: expected a layer before the output; got "${tensor}", the output itself; valid cuts: ${quoted(path.cuts.slice(-6, -1))}`,
    );
  }
  const isCut = path.cuts.includes(tensor);
  if (isCut && isFloatTensor(analysis, tensor)) return;
  const at = path.position.get(tensor)!;
  const before = path.cuts.findLast((c) => path.position.get(c)! < at);
  const after = path.cuts.find((c) => path.position.get(c)! > at && c !== path.output);
  const nearest = `nearest valid cut before: ${quoted(before === undefined ? [] : [before])}, after: ${quoted(after === undefined ? [] : [after])}`;
  if (isCut) {
    throw new CraftError('NOT_A_CUT', `cutModel: expected a layer of floats; got "${tensor}"; ${nearest}`);
  }
  throw new CraftError(
    'NOT_A_CUT',
    `cutModel: expected a layer that all information passes through; got "${tensor}", which is bypassed by ${bypass(analysis, tensor)}; ${nearest}`,
  );
}

/** Most tensors that an error names. */
const SHOWN = 4;

function bypass(analysis: Analysis, tensor: string): string {
  const { graph, path } = analysis;
  const others = bypassing(graph, path, tensor);
  const at = path.position.get(tensor)!;
  const shown = others.slice(0, SHOWN).map((name) => {
    const users = (graph.consumers.get(name) ?? []).filter((n) =>
      n.output.some((o) => (path.position.get(o) ?? -1) > at),
    );
    return `"${name}" (read by ${users.slice(0, 2).map(describe).join(' and ')})`;
  });
  return shown.join(', ') + (others.length > SHOWN ? ` and ${others.length - SHOWN} more` : '');
}
