// A head that computes the score of one class only: its last linear layer loses all other columns.

import { type Analysis, FLOAT_TYPES } from './analysis.ts';
import { intOf } from './attributes.ts';
import { int64Tensor, makeNode, valueInfo } from './build.ts';
import { isStandard } from './graph.ts';
import { DataType } from './proto/constants.ts';
import type { GraphProto, NodeProto } from './proto/onnx_pb.ts';

/** Makes names that the graph does not have. */
export function unusedNames({ graph }: Analysis): (wanted: string) => string {
  const taken = new Set([
    ...graph.producer.keys(),
    ...graph.initializers.keys(),
    ...graph.inputs.map((i) => i.name),
  ]);
  return (wanted) => {
    let name = wanted;
    for (let next = 0; taken.has(name); next++) name = `${wanted}_${next}`;
    taken.add(name);
    return name;
  };
}

/**
 * Changes the graph of a head so that its only output is the score of one class, [N, 1].
 *
 * Where the head ends in a Gemm, or in a MatMul with or without an Add of a bias, only the class's column is
 * computed; else all scores are, and one is taken.
 *
 * @param analysis - of the graph that is changed; not valid afterwards.
 * @returns name of the new output.
 */
export function keepClass(analysis: Analysis, classId: number): string {
  const { path, graph } = analysis;
  const proto = graph.model.graph!;
  const fresh = unusedNames(analysis);
  const index = fresh('class');
  proto.initializer.push(int64Tensor(index, [classId]));
  const picked = narrowed(analysis, proto, index, fresh)
    ? path.output
    : taken(proto, path.output, index, fresh);
  const [batch] = analysis.shapes.dimsOf(path.output) ?? [null];
  proto.output = [valueInfo(picked, DataType.FLOAT, [batch ?? `${picked}:0`, 1])];
  // what the file says of the output has the dims of all classes
  proto.valueInfo = proto.valueInfo.filter((info) => info.name !== path.output);
  return picked;
}

/** The score taken from all scores, whatever axes of length 1 they have. */
function taken(proto: GraphProto, scores: string, index: string, fresh: (name: string) => string): string {
  const flat = fresh('scores/flat');
  const score = fresh('score');
  proto.node.push(
    makeNode('Flatten', [scores], [flat], { axis: 1 }),
    makeNode('Gather', [flat, index], [score], { axis: 1 }),
  );
  return score;
}

/** A constant input of a node and the axis that the classes are on. */
interface Operand {
  readonly node: NodeProto;
  readonly input: number;
  readonly axis: number;
}

/** Replaces the constants of the last layer by their part for the class; false if it is of another form. */
function narrowed(
  analysis: Analysis,
  proto: GraphProto,
  index: string,
  fresh: (name: string) => string,
): boolean {
  const operands = classOperands(analysis);
  if (!operands) return false;
  // the nodes that make the constants stand somewhere before: their parts are made right before the reader
  for (const { node, input, axis } of operands) {
    const part = fresh(`${node.input[input]}/class`);
    const gather = makeNode('Gather', [node.input[input], index], [part], { axis });
    proto.node.splice(proto.node.indexOf(node), 0, gather);
    node.input[input] = part;
  }
  return true;
}

function classOperands(analysis: Analysis): Operand[] | null {
  const { graph, path, shapes } = analysis;
  const dims = shapes.dimsOf(path.output);
  const last = graph.producer.get(path.output);
  if (dims?.length !== 2 || typeof dims[1] !== 'number' || !last || !isStandard(last)) return null;
  if (!FLOAT_TYPES.has(shapes.typeOf(path.output))) return null;
  const classes = dims[1];
  if (last.opType === 'Add') {
    const at = last.input.findIndex((name) => graph.producer.get(name)?.opType === 'MatMul');
    const product = at < 0 ? null : weightOf(analysis, graph.producer.get(last.input[at])!, classes);
    const isOnlyReader = graph.consumers.get(last.input[at])?.length === 1;
    const bias = product && isOnlyReader ? biasOf(analysis, last, 1 - at, classes) : null;
    return bias && [product!, ...bias];
  }
  const weight = weightOf(analysis, last, classes);
  const bias = last.opType === 'Gemm' && last.input[2] ? biasOf(analysis, last, 2, classes) : [];
  return weight && bias && [weight, ...bias];
}

function weightOf(analysis: Analysis, node: NodeProto, classes: number): Operand | null {
  if (!isStandard(node) || !['Gemm', 'MatMul'].includes(node.opType)) return null;
  const dims = analysis.shapes.dimsOf(node.input[1]);
  const axis = node.opType === 'Gemm' && intOf(node, 'transB', 0) !== 0 ? 0 : 1;
  const fits = analysis.isConstant(node.input[1]) && dims?.length === 2 && dims[axis] === classes;
  return fits ? { node, input: 1, axis } : null;
}

/** The bias as a list: empty if it is the same for all classes; null if it is of another form. */
function biasOf(analysis: Analysis, node: NodeProto, input: number, classes: number): Operand[] | null {
  const dims = analysis.shapes.dimsOf(node.input[input]);
  if (!dims || dims.length > 2 || !analysis.isConstant(node.input[input])) return null;
  const axis = dims.length - 1;
  if (dims.length === 0 || (dims[axis] === 1 && classes > 1)) return [];
  return dims[axis] === classes ? [{ node, input, axis }] : null;
}
