// What inspectModel and cutModel both need to know of a model: graph, shapes, and the path to an output.

import { CraftError } from '../errors.ts';
import { type Path, pathBetween } from './dominators.ts';
import { type Graph, indexGraph } from './graph.ts';
import { DataType } from './proto/constants.ts';
import type { ModelProto, NodeProto, ValueInfoProto } from './proto/onnx_pb.ts';
import { inferShapes, type Shapes } from './shapes/infer.ts';
import { reachingOutput, taintOf } from './taint.ts';

export interface Analysis {
  readonly graph: Graph;
  readonly shapes: Shapes;
  readonly path: Path;
  /** Whether a tensor carries values of an input other than the primary one (a mask). */
  readonly fromSideInput: (tensor: string) => boolean;
  /** Whether a tensor is the same for every input of one shape. */
  readonly isConstant: (tensor: string) => boolean;
}

export const FLOAT_TYPES: ReadonlySet<number> = new Set([
  DataType.FLOAT,
  DataType.FLOAT16,
  DataType.BFLOAT16,
  DataType.DOUBLE,
]);

/** Graph and shapes of a model. */
export function openModel(model: ModelProto): { graph: Graph; shapes: Shapes } {
  const graph = indexGraph(model);
  return { graph, shapes: inferShapes(graph) };
}

/** Follows the primary input of the model to `output`. */
export function analyse(graph: Graph, shapes: Shapes, output: string): Analysis {
  const input = primaryInput(graph, shapes, output);
  const path = pathBetween(graph, input, output);
  const side = taintOf(
    graph,
    graph.inputs.map((i) => i.name).filter((name) => name !== input),
  );
  return {
    graph,
    shapes,
    path,
    fromSideInput: (tensor) => side.value.has(tensor),
    isConstant: (tensor) => !path.taint.value.has(tensor) && !side.value.has(tensor),
  };
}

/**
 * The output that holds the class scores: one that no node reads, by name if there are several.
 *
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if no output is a tensor.
 */
export function primaryOutput(graph: Graph): string {
  const tensors = graph.outputs.filter(isTensor);
  if (tensors.length === 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `inspectModel: expected a tensor among the outputs; got ${graph.outputs.map((o) => `"${o.name}"`).join(', ')}, sequences or maps; export the model without them (scikit-learn: zipmap=False)`,
    );
  }
  const ends = tensors.filter((o) => !graph.consumers.has(o.name));
  const candidates = (ends.length > 0 ? ends : tensors).map((o) => o.name);
  for (const pattern of [/logit/i, /score|prob|pred|class|softmax/i]) {
    const named = candidates.find((name) => pattern.test(name));
    if (named !== undefined) return named;
  }
  return candidates[0];
}

/** The input that is explained, of those that reach the output: an image, token ids, or the first. */
function primaryInput(graph: Graph, shapes: Shapes, output: string): string {
  const reaching = reachingOutput(graph, output);
  const inputs = graph.inputs.map((i) => i.name).filter((name) => reaching.has(name));
  if (inputs.length === 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `inspectModel: expected an output that depends on an input; got "${output}", which depends on none; name another output`,
    );
  }
  const isFloat = (name: string): boolean => FLOAT_TYPES.has(shapes.typeOf(name));
  return (
    inputs.find((name) => isFloat(name) && shapes.dimsOf(name)?.length === 4) ??
    inputs.find((name) => shapes.dimsOf(name)?.length === 4) ??
    inputs.find((name) => /input_?ids/i.test(name)) ??
    inputs.find(isFloat) ??
    inputs[0]
  );
}

function isTensor(info: ValueInfoProto): boolean {
  return (
    info.type === undefined || info.type.value.case === undefined || info.type.value.case === 'tensorType'
  );
}

/** Ops at the end of a classifier that change no score. */
const PASSING = new Set(
  'Identity Reshape Squeeze Unsqueeze Flatten Cast Dropout QuantizeLinear DequantizeLinear'.split(' '),
);
const ACTIVATING = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/** The class scores before a trailing Softmax, LogSoftmax or Sigmoid; `output` itself if there is none. */
export function logitsBefore(graph: Graph, output: string): string {
  let node: NodeProto | undefined = graph.producer.get(output);
  while (node && PASSING.has(node.opType)) node = graph.producer.get(node.input[0]);
  const isActivation = node !== undefined && ACTIVATING.has(node.opType) && graph.producer.has(node.input[0]);
  return isActivation ? node!.input[0] : output;
}
