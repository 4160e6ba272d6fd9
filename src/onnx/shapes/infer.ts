// Which dims of a tensor are fixed and which follow the input: propagation at several pins of the free
// dims. A dim that is equal at all pins is static; one that equals a free dim at all pins has its name.

import type { Graph } from '../graph.ts';
import { pinsOf } from './pins.ts';
import { propagate } from './propagate.ts';
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

/** Infers the shapes of all tensors; O(nodes) for each pin. */
export function inferShapes(graph: Graph): Shapes {
  const pins = pinsOf(graph.inputs);
  const runs = pins.map((p) => propagate(graph.model, graph.opset, p));
  const known = runs.map(countKnown);
  // at a pin where the network contradicts itself (windows that do not fit, inputs that have to agree)
  // less is known
  const usable = pins.map((_, i) => i).filter((i) => known[i] === Math.max(...known));
  const at = (tensor: string): Value[] => usable.map((i) => runs[i].get(tensor) ?? UNKNOWN);
  // values of a free dim over the pins → its name; the first input's, where several always agree
  const names = new Map<string, string>();
  for (const name of pins[0].keys()) {
    const values = String(usable.map((i) => pins[i].get(name)));
    if (!names.has(values)) names.set(values, name);
  }

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
        return names.get(String(all.map((dims) => dims[axis]))) ?? null;
      });
    },
  };
}

function countKnown(run: ReadonlyMap<string, Value>): number {
  let known = 0;
  for (const value of run.values()) if (value.dims) known++;
  return known;
}
