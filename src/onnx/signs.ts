// Which tensors can hold no negative value, whatever the input: known from the ops alone.

import { floatOf, stringOf, tensorOf } from './attributes.ts';
import { type Graph, isStandard } from './graph.ts';
import { DataType } from './proto/constants.ts';
import type { NodeProto, TensorProto } from './proto/onnx_pb.ts';
import { everyValue, valuesOf } from './tensor-values.ts';

/** Weights larger than this are not searched for a negative value. */
const MAX_SEARCHED = 1 << 20;

const ALWAYS = new Set(
  'Relu Sigmoid HardSigmoid Softmax Abs Exp Sqrt Softplus ReduceL1 ReduceL2 ReduceSumSquare Hardmax'.split(
    ' ',
  ),
);

/** Non-negative if the first input is: ops that move, choose or average values. */
const OF_FIRST = new Set(
  (
    'Identity Dropout Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Gather GatherElements GatherND Expand Tile ' +
    'MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool GlobalLpPool ReduceMean ReduceSum ReduceMax ReduceMin ' +
    'ReduceProd DepthToSpace SpaceToDepth Upsample Floor Ceil Round Sign LRN LeakyRelu Elu Celu ThresholdedRelu Erf Tanh ' +
    'Softsign HardSwish Swish Gelu Mish Cast Trilu'
  ).split(' '),
);

/** Non-negative if all inputs are. */
const OF_ALL = new Set('Add Mul Div Sum Mean Min Concat MatMul Pow'.split(' '));

/** Names of the tensors that are ≥ 0 for every input. What is not in the set may be negative or not. */
export function nonNegativeTensors(graph: Graph): ReadonlySet<string> {
  const proven = new Set<string>();
  const asked = new Map<string, boolean>();
  const holds = (name: string): boolean => {
    if (proven.has(name)) return true;
    const weights = graph.initializers.get(name);
    if (!weights) return false;
    let answer = asked.get(name);
    if (answer === undefined) {
      answer = everyValue(weights, MAX_SEARCHED, (v) => v >= 0);
      asked.set(name, answer);
    }
    return answer;
  };
  for (const node of graph.nodes) {
    if (isStandard(node) && isNonNegative(graph, node, holds)) {
      for (const name of node.output) proven.add(name);
    }
  }
  return proven;
}

function isNonNegative(graph: Graph, node: NodeProto, holds: (name: string) => boolean): boolean {
  const { opType, input } = node;
  const scalar = (name: string): number | undefined => scalarOf(graph, name);
  if (ALWAYS.has(opType)) return true;
  if (OF_FIRST.has(opType)) return holds(input[0]);
  if (OF_ALL.has(opType)) return input.every((name) => name === '' || holds(name));
  switch (opType) {
    case 'Clip': {
      const min = graph.opset < 11 ? floatOf(node, 'min', -1) : input[1] ? scalar(input[1]) : undefined;
      return holds(input[0]) || (min !== undefined && min >= 0);
    }
    case 'Max':
      return input.some(holds);
    case 'Where':
      return holds(input[1]) && holds(input[2]);
    case 'Pad':
      return (
        holds(input[0]) && (!input[2] || (scalar(input[2]) ?? -1) >= 0) && floatOf(node, 'value', 0) >= 0
      );
    case 'Resize':
      // a cubic kernel has negative lobes
      return holds(input[0]) && stringOf(node, 'mode', 'nearest') !== 'cubic';
    case 'DequantizeLinear':
      return isLowestZero(node, graph.initializers);
    case 'Constant': {
      const tensor = tensorOf(node, 'value');
      return tensor !== null && everyValue(tensor, MAX_SEARCHED, (v) => v >= 0);
    }
    case 'Conv':
    case 'Gemm':
      return (
        input.every((name) => name === '' || holds(name)) &&
        floatOf(node, 'alpha', 1) >= 0 &&
        floatOf(node, 'beta', 1) >= 0
      );
    default:
      return false;
  }
}

/** Whether the zero point is the smallest whole number of its type, so that no value lies below it. */
function isLowestZero(node: NodeProto, weights: ReadonlyMap<string, TensorProto>): boolean {
  const zeroPoint = weights.get(node.input[2] ?? '');
  const lowest =
    zeroPoint?.dataType === DataType.UINT8 ? 0 : zeroPoint?.dataType === DataType.INT8 ? -128 : null;
  return zeroPoint !== undefined && everyValue(zeroPoint, MAX_SEARCHED, (z) => z === lowest);
}

/** The one number of a constant tensor. */
function scalarOf(graph: Graph, name: string): number | undefined {
  const node = graph.producer.get(name);
  const tensor =
    graph.initializers.get(name) ?? (node?.opType === 'Constant' ? tensorOf(node, 'value') : null);
  const values = tensor ? valuesOf(tensor, 1) : null;
  return values?.[0] ?? (node?.opType === 'Constant' ? floatOf(node, 'value_float', undefined) : undefined);
}
