// Nodes of operator sets 7 to 19 as operator set 20 has them: what was an attribute is an input, and what
// has changed its meaning is written out.

import { create } from '@bufbuild/protobuf';
import { floatOf, floatsOf, hasAttribute, intOf, intsOf, stringOf } from './attributes.ts';
import { intAttribute, stringAttribute } from './differentiate-attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import { type NodeProto, NodeProtoSchema } from './proto/onnx_pb.ts';

/** Writes the node into `b` as of operator set 20; `from` is the set that it is of. */
export function upgradeNode(b: Emitter, node: NodeProto, from: number): void {
  const upgrade = upgrades.get(node.opType);
  if (!upgrade || from >= upgrade.since || !upgrade.write(b, node, from)) b.nodes.push(node);
}

interface Upgrade {
  /** The first operator set that needs no change. */
  readonly since: number;
  /** Whether it has written the node; if not, it stays as it is. */
  readonly write: (b: Emitter, node: NodeProto, from: number) => boolean;
}

/** The node with other inputs and without some attributes. */
function changed(node: NodeProto, input: readonly string[], dropped: readonly string[]): NodeProto {
  const attribute = node.attribute.filter((a) => !dropped.includes(a.name));
  return Object.assign(create(NodeProtoSchema), node, { input: [...input], attribute });
}

/** A list of whole numbers that became an input. */
const asInput =
  (attribute: string, index: number) =>
  (b: Emitter, node: NodeProto): boolean => {
    const values = intsOf(node, attribute);
    if (!values) return false;
    const input = [...node.input];
    while (input.length < index) input.push('');
    input[index] = b.ints(values);
    b.nodes.push(changed(node, input, [attribute]));
    return true;
  };

function Slice(b: Emitter, node: NodeProto): boolean {
  const [starts, ends] = [intsOf(node, 'starts'), intsOf(node, 'ends')];
  if (!starts || !ends) return false;
  const axes = intsOf(node, 'axes') ?? starts.map((_, i) => i);
  const input = [node.input[0], b.ints(starts), b.ints(ends), b.ints(axes)];
  b.nodes.push(changed(node, input, ['starts', 'ends', 'axes']));
  return true;
}

function Pad(b: Emitter, node: NodeProto): boolean {
  const pads = intsOf(node, 'pads') ?? intsOf(node, 'paddings');
  if (!pads) return false;
  const input = [node.input[0], b.ints(pads), b.float(floatOf(node, 'value', 0))];
  b.nodes.push(changed(node, input, ['pads', 'paddings', 'value']));
  return true;
}

function Clip(b: Emitter, node: NodeProto): boolean {
  const limit = (name: string): string => (hasAttribute(node, name) ? b.float(floatOf(node, name, 0)) : '');
  b.nodes.push(changed(node, [node.input[0], limit('min'), limit('max')], ['min', 'max']));
  return true;
}

/** The identity, as inference has it. */
function Dropout(b: Emitter, node: NodeProto): boolean {
  b.nodes.push(changed(node, node.input.slice(0, 1), ['ratio', 'is_test']));
  return true;
}

function TopK(b: Emitter, node: NodeProto): boolean {
  if (!hasAttribute(node, 'k')) return false;
  b.nodes.push(changed(node, [node.input[0], b.ints([intOf(node, 'k', 1)])], ['k']));
  return true;
}

/** Over all axes from `axis` on, as one. */
function Softmax(b: Emitter, node: NodeProto): boolean {
  const [x] = node.input;
  const flat = b.op('Flatten', [x], { axis: intOf(node, 'axis', 1) });
  const result = b.op(node.opType, [flat], { axis: -1 });
  // a Shape of its own: it may be in a branch
  b.op('Reshape', [result, b.op('Shape', [x])], {}, node.output[0]);
  return true;
}

/** Upsample, and Resize of operator set 10: coordinates are not shifted by half a pixel. */
function Upsample(b: Emitter, node: NodeProto): boolean {
  const scales = floatsOf(node, 'scales');
  const factors = scales
    ? b.concat(
        scales.map((s) => b.unsqueeze(b.float(s), [0])),
        0,
      )
    : node.input[1];
  if (!factors) return false;
  const attributes = {
    mode: stringOf(node, 'mode', 'nearest').replace('bilinear', 'linear'),
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  };
  b.op('Resize', [node.input[0], '', factors], attributes, node.output[0]);
  return true;
}

function Split(b: Emitter, node: NodeProto, from: number): boolean {
  if (from < 13 && hasAttribute(node, 'split')) return asInput('split', 1)(b, node);
  if (node.input[1] || hasAttribute(node, 'num_outputs')) return false;
  const copy = changed(node, node.input, []);
  copy.attribute.push(intAttribute('num_outputs', node.output.length));
  b.nodes.push(copy);
  return true;
}

function GridSample(b: Emitter, node: NodeProto): boolean {
  const mode = stringOf(node, 'mode', 'bilinear');
  const renamed: Record<string, string> = { bilinear: 'linear', bicubic: 'cubic' };
  const copy = changed(node, node.input, ['mode']);
  copy.attribute.push(stringAttribute('mode', renamed[mode] ?? mode));
  b.nodes.push(copy);
  return true;
}

function RoiAlign(b: Emitter, node: NodeProto): boolean {
  const copy = changed(node, node.input, []);
  copy.attribute.push(stringAttribute('coordinate_transformation_mode', 'output_half_pixel'));
  b.nodes.push(copy);
  return true;
}

const reduceAxes: Upgrade = { since: 18, write: asInput('axes', 1) };

const upgrades: ReadonlyMap<string, Upgrade> = new Map(
  Object.entries({
    Slice: { since: 10, write: Slice },
    TopK: { since: 10, write: TopK },
    Upsample: { since: 10, write: Upsample },
    Resize: { since: 11, write: Upsample },
    Clip: { since: 11, write: Clip },
    Pad: { since: 11, write: Pad },
    Dropout: { since: 12, write: Dropout },
    Softmax: { since: 13, write: Softmax },
    LogSoftmax: { since: 13, write: Softmax },
    Hardmax: { since: 13, write: Softmax },
    Squeeze: { since: 13, write: asInput('axes', 1) },
    Unsqueeze: { since: 13, write: asInput('axes', 1) },
    ReduceSum: { since: 13, write: asInput('axes', 1) },
    RoiAlign: { since: 16, write: RoiAlign },
    Split: { since: 18, write: Split },
    ReduceL1: reduceAxes,
    ReduceL2: reduceAxes,
    ReduceLogSum: reduceAxes,
    ReduceLogSumExp: reduceAxes,
    ReduceMax: reduceAxes,
    ReduceMean: reduceAxes,
    ReduceMin: reduceAxes,
    ReduceProd: reduceAxes,
    ReduceSumSquare: reduceAxes,
    GridSample: { since: 20, write: GridSample },
  }),
);
