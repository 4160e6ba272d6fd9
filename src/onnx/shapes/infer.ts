// Which dims of a tensor are fixed and which follow the input: propagation at several pins of the free
// dims. A dim that is equal at all pins is static; one that equals a free dim at all pins has its name.

import type { Graph } from '../graph.ts';
import { DataType } from '../proto/constants.ts';
import type { ValueInfoProto } from '../proto/onnx_pb.ts';
import { freeDimName, propagate } from './propagate.ts';
import { type Dims, product, UNKNOWN, type Value } from './value.ts';

/** A dim: its size; the name of the free dim that it equals; null if it varies in another way. */
export type Dim = number | string | null;

export interface Shapes {
  /** DataType of a tensor; 0 if unknown. */
  typeOf(tensor: string): number;
  /** Dims of a tensor; null if its rank is unknown. */
  dimsOf(tensor: string): Dim[] | null;
  /** Concrete dims of a tensor at each pin; null if they are not known at all of them. */
  dimsAtPins(tensor: string): Dims[] | null;
  /** Number of elements at each pin, for a tensor of known dims. */
  sizesAtPins(tensor: string): number[] | null;
}

/** Free dims beyond these are all pinned, but not moved one by one. */
const MAX_MOVED = 4;

/** Infers the shapes of all tensors; O(nodes) for each of at most 9 pins. */
export function inferShapes(graph: Graph): Shapes {
  const pins = pinsOf(graph.inputs);
  const runs = pins.map((p) => propagate(graph.model, graph.opset, p));
  const usable = pins.map((_, i) => i).filter((i) => countKnown(runs[i]) === countKnown(runs[0]));
  const at = (tensor: string): Value[] => usable.map((i) => runs[i].get(tensor) ?? UNKNOWN);
  const namedBy = usable.map((i) => pins[i]);

  const dimsAtPins = (tensor: string): Dims[] | null => {
    const all = at(tensor).map((v) => v.dims);
    return all.every((d) => d !== null && d.length === all[0]?.length) ? (all as Dims[]) : null;
  };
  return {
    typeOf: (tensor) => at(tensor)[0].type,
    dimsAtPins,
    sizesAtPins: (tensor) => dimsAtPins(tensor)?.map(product) ?? null,
    dimsOf(tensor) {
      const all = dimsAtPins(tensor);
      if (!all) return null;
      return all[0].map((first, axis): Dim => {
        if (all.every((dims) => dims[axis] === first)) return first;
        for (const name of namedBy[0].keys()) {
          if (all.every((dims, i) => dims[axis] === namedBy[i].get(name))) return name;
        }
        return null;
      });
    },
  };
}

function countKnown(run: ReadonlyMap<string, Value>): number {
  let known = 0;
  for (const value of run.values()) if (value.dims) known++;
  return known;
}

/**
 * The pins: all free dims at a usual size, then each of the first few moved. The batch moves once. The
 * others move twice: a multiple of what networks divide by, then an odd step, so that a floor in the
 * network shows; a pin at which a network contradicts itself (windows that do not fit) is not used.
 */
function pinsOf(inputs: readonly ValueInfoProto[]): Map<string, number>[] {
  const base = new Map<string, number>();
  const steps = new Map<string, number[]>();
  for (const input of inputs) {
    if (input.type?.value.case !== 'tensorType') continue;
    const { elemType, shape } = input.type.value.value;
    const rank = shape?.dim.length ?? 0;
    shape?.dim.forEach(({ value }, axis) => {
      if (value.case === 'dimValue' && value.value > 0n) return;
      const name = freeDimName(input.name, axis, value.case === 'dimParam' ? value.value : '');
      if (base.has(name)) return;
      const isImage = rank === 4 && elemType !== DataType.INT64;
      const isChannel = isImage && (axis === 1 || axis === 3) && hasFixedOrNoSpace(input, axis);
      base.set(name, axis === 0 ? 2 : isChannel ? 3 : isImage ? 224 : 16);
      steps.set(name, axis === 0 ? [1] : isChannel ? [] : isImage ? [64, 27] : [5, 8]);
    });
  }
  const pins = [base];
  for (const [name, moves] of [...steps].slice(0, MAX_MOVED)) {
    for (const step of moves) pins.push(new Map(base).set(name, base.get(name)! + step));
  }
  return pins;
}

/** Whether a free dim of an image at `axis` can only be its channels: the other such axis is a wide one. */
function hasFixedOrNoSpace(input: ValueInfoProto, axis: number): boolean {
  if (input.type?.value.case !== 'tensorType') return false;
  const other = input.type.value.value.shape?.dim[axis === 1 ? 3 : 1]?.value;
  const size = other?.case === 'dimValue' ? Number(other.value) : 0;
  return size > 4 || (axis === 1 && size === 0);
}
