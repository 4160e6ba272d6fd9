// The gradient of a text model by the embeddings of its tokens: where ids become floats.

import { CraftError } from '../errors.ts';
import { FLOAT_TYPES, openModel } from './analysis.ts';
import { valueInfo } from './build.ts';
import { differentiate } from './differentiate.ts';
import { type Graph, isStandard } from './graph.ts';
import { lowerModel } from './lower.ts';
import { DataType } from './proto/constants.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import { decodeModel, encodeModel } from './proto/read.ts';
import type { Shapes } from './shapes/infer.ts';

/** A model with the names of its ends. */
export interface TokenGradient {
  /** ONNX: the inputs of the model and `cotangent` → `embedding` and `gradient`. */
  readonly model: Uint8Array;
  readonly cotangent: string;
  /** The row of the table of each token, [N, T, d]. */
  readonly embedding: string;
  /** Σ cotangent · ∂of/∂embedding, [N, T, d]. */
  readonly gradient: string;
}

/**
 * The vector-Jacobian product of `of` by the embeddings of the tokens, positions and types not added yet.
 *
 * @param bytes - of the ONNX file; not changed.
 * @param ids - the input that holds the token ids.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if the ids are not looked up in a table, or an op on the way has no
 *   gradient; as {@link differentiate}.
 */
export function tokenGradient(bytes: Uint8Array, of: string, ids: string): TokenGradient {
  const { graph, shapes } = openModel(lowerModel(decodeModel(bytes)));
  const embedding = lookedUp(graph, shapes, ids);
  const model = decodeModel(differentiate(bytes, { of, withRespectTo: embedding }));
  const { output, valueInfo: known } = model.graph!;
  const dims = shapes.dimsOf(embedding)?.map((d, i) => d ?? `${embedding}:${i}`) ?? null;
  output.push(valueInfo(embedding, DataType.FLOAT, dims));
  model.graph!.valueInfo = known.filter(({ name }) => name !== embedding);
  return {
    model: encodeModel(model),
    cotangent: `${of}/cotangent`,
    embedding,
    gradient: `${embedding}/gradient`,
  };
}

/** Ops between the ids and the table that keep every id in its place. */
const PASSING = new Set(['Identity', 'Cast']);

/** What the table gives for the ids; for a table of whole numbers, the floats that they stand for. */
function lookedUp(graph: Graph, shapes: Shapes, ids: string): string {
  const same = new Set([ids]);
  for (const node of graph.nodes) {
    const [output] = node.output;
    if (!isStandard(node)) continue;
    if (PASSING.has(node.opType) && same.has(node.input[0])) same.add(output);
    if (node.opType !== 'Gather' || !same.has(node.input[1])) continue;
    const floats = FLOAT_TYPES.has(shapes.typeOf(output)) ? output : dequantised(graph, output);
    if (floats !== null && shapes.dimsOf(node.input[0])?.length === 2) return floats;
  }
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model: expected token ids that are looked up in a table of embeddings; got "${ids}", read by ${readers(graph, ids)} – locate concepts by occlusion, which needs no gradient`,
  );
}

function dequantised(graph: Graph, tensor: string): string | null {
  const found = graph.consumers.get(tensor)?.find((node) => node.opType === 'DequantizeLinear');
  return found ? found.output[0] : null;
}

function readers(graph: Graph, tensor: string): string {
  const ops = (graph.consumers.get(tensor) ?? []).map(({ opType }: NodeProto) => opType);
  return [...new Set(ops)].slice(0, 4).join(', ') || 'no node';
}
