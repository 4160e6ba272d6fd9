// What a model is and where it can be cut.

import { analyse, logitsBefore, openModel, primaryOutput } from './analysis.ts';
import { type GradientSupport, gradientSupport } from './differentiate-support.ts';
import type { Graph } from './graph.ts';
import { isFloatTensor, type LayerInfo, layerDescriber } from './layer.ts';
import { DataType } from './proto/constants.ts';
import type { ValueInfoProto } from './proto/onnx_pb.ts';
import { decodeModel } from './proto/read.ts';
import type { Dim, Shapes } from './shapes/infer.ts';
import { freeDimName } from './shapes/propagate.ts';
import { readsTokenIds, suggestLayer } from './suggest.ts';
import { isExternal } from './tensor-values.ts';
import { externalPlace } from './weights.ts';

/** An input or output of the model. */
export interface TensorInfo {
  name: string;
  /** A number is fixed; a name is free (`name:axis` if the file gives none); null varies in another way. Empty if the rank is open. */
  dims: Dim[];
  /** `float32`, `int64`, … */
  type: string;
}

export interface ModelInspection {
  /** Graph inputs that are not initialisers. */
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** Version of the default operator set. */
  opset: number;
  /** Name and version of the exporter. */
  producer: string;
  /** Tensor of the class scores: the output, or what is before a trailing Softmax, LogSoftmax or Sigmoid. */
  logits: string;
  /** Number of classes; null if it is not known. */
  classes: number | null;
  /** The input that is explained; others (a mask) go along. */
  input: string;
  /** Whether that input is a row of token ids, [N, T]. */
  readsText: boolean;
  /** Valid cuts strictly between input and class scores, in the order of the graph. */
  layers: LayerInfo[];
  /** Tensor of the layer to explain by default; null if there is none. */
  suggested: string | null;
  suggestedWhy: string;
  /** Whether differentiate can make the gradient of the class scores, and the ops that it cannot pass. */
  gradients: GradientSupport;
  /** Names of the files that hold weights of the model. */
  externalData: string[];
}

/**
 * Describes a model: inputs, class scores, and the layers that it can be cut at.
 *
 * @param bytes - of the ONNX file; not changed, not kept.
 * @throws {@link CraftError} `MODEL_FORMAT` if the bytes are not a valid model, `MODEL_UNSUPPORTED` if
 *   its output is not a tensor that depends on an input.
 */
export function inspectModel(bytes: Uint8Array): ModelInspection {
  const model = decodeModel(bytes);
  const { graph, shapes } = openModel(model);
  const logits = logitsBefore(graph, primaryOutput(graph));
  const analysis = analyse(graph, shapes, logits);
  const describe = layerDescriber(analysis);
  const layers = analysis.path.cuts
    .filter((tensor) => tensor !== logits && isFloatTensor(analysis, tensor))
    .map(describe);
  const suggestion = suggestLayer(analysis, layers);
  return {
    inputs: graph.inputs.map((info) => tensorInfo(info, shapes)),
    outputs: graph.outputs.map((info) => tensorInfo(info, shapes)),
    opset: graph.opset,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    logits,
    classes: classCount(shapes, logits),
    input: analysis.path.input,
    readsText: readsTokenIds(analysis),
    layers,
    suggested: suggestion.tensor,
    suggestedWhy: suggestion.why,
    gradients: gradientSupport(model, analysis.path.input, logits),
    externalData: externalFiles(graph),
  };
}

/** Numpy's names of the element types. */
const TYPE_NAMES: Record<number, string> = {
  [DataType.FLOAT]: 'float32',
  [DataType.UINT8]: 'uint8',
  [DataType.INT8]: 'int8',
  [DataType.UINT16]: 'uint16',
  [DataType.INT16]: 'int16',
  [DataType.INT32]: 'int32',
  [DataType.INT64]: 'int64',
  [DataType.STRING]: 'string',
  [DataType.BOOL]: 'bool',
  [DataType.FLOAT16]: 'float16',
  [DataType.DOUBLE]: 'float64',
  [DataType.UINT32]: 'uint32',
  [DataType.UINT64]: 'uint64',
  [DataType.COMPLEX64]: 'complex64',
  [DataType.COMPLEX128]: 'complex128',
  [DataType.BFLOAT16]: 'bfloat16',
};

function tensorInfo(info: ValueInfoProto, shapes: Shapes): TensorInfo {
  const { name } = info;
  const stated = info.type?.value.case === 'tensorType' ? info.type.value.value : null;
  const dims =
    shapes.dimsOf(name) ??
    stated?.shape?.dim.slice(0, 32).map(({ value }, axis): Dim => {
      if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
      return freeDimName(name, axis, value.case === 'dimParam' ? value.value : '');
    });
  return { name, dims: dims ?? [], type: TYPE_NAMES[stated?.elemType || shapes.typeOf(name)] ?? 'unknown' };
}

/** Scores are [N, classes], perhaps with dims of 1 after: their product without the batch. */
function classCount(shapes: Shapes, logits: string): number | null {
  const dims = shapes.dimsOf(logits);
  if (!dims || dims.length < 2) return null;
  let count = 1;
  for (const d of dims.slice(1)) {
    if (typeof d !== 'number') return null;
    count *= d;
  }
  return count;
}

function externalFiles(graph: Graph): string[] {
  const files = new Set<string>();
  for (const t of graph.initializers.values()) if (isExternal(t)) files.add(externalPlace(t).location);
  return [...files];
}
