// Sizes to try for the free dims of the inputs.

import { DataType } from '../proto/constants.ts';
import type { ValueInfoProto } from '../proto/onnx_pb.ts';
import { freeDimName } from './propagate.ts';

/** Free dims beyond these are not moved one by one, but all together. */
const MAX_MOVED = 4;

/** A free dim: where it starts, how far it moves, and what it moves along with. */
interface FreeDim {
  name: string;
  size: number;
  steps: readonly number[];
  /** Dims that inputs often share under different names: their batch, their length. */
  group: string;
}

/**
 * The pins: all free dims at a usual size; then each of the first few moved; then those of a group, and
 * the many others, moved together. The batch moves once. Lengths and sizes move twice: a multiple of what
 * networks divide by, then an odd step, so that a floor in the network shows.
 */
export function pinsOf(inputs: readonly ValueInfoProto[]): Map<string, number>[] {
  const free = freeDims(inputs);
  const base = new Map(free.map((d) => [d.name, d.size]));
  const moved = (dims: readonly FreeDim[], step: number): Map<string, number> => {
    const pin = new Map(base);
    for (const d of dims) if (d.steps.length > 0) pin.set(d.name, d.size + (d.steps[step] ?? d.steps[0]));
    return pin;
  };
  const pins = [base];
  for (const d of free.slice(0, MAX_MOVED)) for (const step of d.steps.keys()) pins.push(moved([d], step));
  const groups = new Map<string, FreeDim[]>();
  for (const d of free) {
    const group = groups.get(d.group);
    if (group) group.push(d);
    else groups.set(d.group, [d]);
  }
  const together = [...groups.values()].filter((dims) => dims.length > 1);
  const others = free.slice(MAX_MOVED);
  if (others.length > 0) together.push(others);
  for (const dims of together) pins.push(moved(dims, 0), moved(dims, 1));
  return pins;
}

function freeDims(inputs: readonly ValueInfoProto[]): FreeDim[] {
  const free = new Map<string, FreeDim>();
  for (const input of inputs) {
    if (input.type?.value.case !== 'tensorType') continue;
    const { elemType, shape } = input.type.value.value;
    const isImage = shape?.dim.length === 4 && elemType !== DataType.INT64;
    shape?.dim.forEach(({ value }, axis) => {
      if (value.case === 'dimValue' && value.value > 0n) return;
      const name = freeDimName(input.name, axis, value.case === 'dimParam' ? value.value : '');
      if (!free.has(name)) free.set(name, freeDim(input, name, axis, isImage));
    });
  }
  return [...free.values()];
}

function freeDim(input: ValueInfoProto, name: string, axis: number, isImage: boolean): FreeDim {
  if (axis === 0) return { name, size: 2, steps: [1], group: 'batch' };
  if (!isImage) return { name, size: 16, steps: [5, 8], group: `axis ${axis}` };
  // the weights fix the number of channels
  if (isChannel(input, axis)) return { name, size: 3, steps: [], group: name };
  return { name, size: 224, steps: [64, 27], group: name };
}

/** Whether a free dim of an image can only be its channels: the other axis that may hold them is a wide one. */
function isChannel(input: ValueInfoProto, axis: number): boolean {
  if (axis === 2 || input.type?.value.case !== 'tensorType') return false;
  const other = input.type.value.value.shape?.dim[axis === 1 ? 3 : 1]?.value;
  const size = other?.case === 'dimValue' ? Number(other.value) : 0;
  return size > 4 || (axis === 1 && size === 0);
}
