// Is the output an affine function of a cut, y = B·t + c with B and c the same for every input?
//
// Everything after a cut depends on it, so the question is where the last node of the path stands that is
// not affine in what it reads of the input: cuts made there or later are affine, others are not.

import { type Analysis, FLOAT_TYPES } from './analysis.ts';
import { isStandard } from './graph.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

/** Affine in the first input; the others, if any, have to be constant. */
const OF_FIRST = new Set(
  (
    'Identity Dropout Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Gather GatherElements GatherND Expand Tile Pad ' +
    'AveragePool GlobalAveragePool ReduceMean ReduceSum BatchNormalization Conv ConvTranspose DepthToSpace SpaceToDepth ' +
    'Div Trilu Upsample Resize'
  ).split(' '),
);

/** Affine in all inputs together. */
const LINEAR = new Set('Add Sub Concat Sum Mean Neg'.split(' '));

/** Affine in each input alone, the others constant. */
const BILINEAR = new Set('Mul MatMul Gemm Einsum'.split(' '));

/** Index in `path.nodes` of the last node that is not affine; −1 if all are. */
export function lastNonAffine(analysis: Analysis): number {
  const { nodes } = analysis.path;
  for (let i = nodes.length - 1; i >= 0; i--) if (!isAffine(analysis, nodes[i])) return i;
  return -1;
}

function isAffine(analysis: Analysis, node: NodeProto): boolean {
  if (!isStandard(node)) return false;
  const { opType, input } = node;
  const constant = (name: string): boolean => name === '' || analysis.isConstant(name);
  const fromInput = (name: string): boolean => analysis.path.taint.value.has(name);
  if (OF_FIRST.has(opType)) return input.slice(1).every(constant);
  if (BILINEAR.has(opType)) return input.filter((name) => !constant(name)).length === 1;
  if (LINEAR.has(opType)) return input.every((name) => constant(name) || fromInput(name));
  if (opType === 'Cast') {
    // a cast between floats rounds, a cast to whole numbers is a staircase
    return [input[0], node.output[0]].every((name) => FLOAT_TYPES.has(analysis.shapes.typeOf(name)));
  }
  return false;
}
