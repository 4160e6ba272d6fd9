// What shape inference knows of a tensor, and the view of a node that the rules of the ops read.

import { hasAttribute, intOf, intsOf, stringOf } from '../attributes.ts';
import { DataType } from '../proto/constants.ts';
import type { NodeProto } from '../proto/onnx_pb.ts';

export type Dims = readonly number[];

/** A tensor at one pin of the free dims. */
export interface Value {
  /** DataType; 0 if unknown. */
  readonly type: number;
  /** null if unknown. */
  readonly dims: Dims | null;
  /** Row-major, for small tensors that do not depend on values of the input; null otherwise. */
  readonly values: readonly number[] | null;
}

export const UNKNOWN: Value = { type: DataType.UNDEFINED, dims: null, values: null };

/** What a rule says of several outputs, in their order. */
export interface PerOutput<T> {
  readonly outputs: readonly (T | null)[];
}

/** Most elements of a tensor whose values are followed: shapes, scales, windows, not weights. */
export const MAX_VALUES = 1024;

/** One node with what is known of its inputs. */
export class Call {
  readonly node: NodeProto;
  readonly opset: number;
  /** One for each input of the node; undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[];

  constructor(node: NodeProto, opset: number, inputs: readonly (Value | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  dims(index: number): Dims | null {
    return this.inputs[index]?.dims ?? null;
  }

  values(index: number): readonly number[] | null {
    return this.inputs[index]?.values ?? null;
  }

  type(index: number): number {
    return this.inputs[index]?.type ?? DataType.UNDEFINED;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  int(name: string, otherwise: number): number {
    return intOf(this.node, name, otherwise);
  }

  ints(name: string): number[] | null {
    return intsOf(this.node, name);
  }

  string(name: string, otherwise: string): string {
    return stringOf(this.node, name, otherwise);
  }

  carries(name: string): boolean {
    return hasAttribute(this.node, name);
  }

  /**
   * A list that later versions of an op take as an input and earlier ones as an attribute.
   * `unknown` if the input is there and its values are not known; null if there is neither.
   */
  list(index: number, attribute: string): readonly number[] | 'unknown' | null {
    if (this.has(index)) return this.values(index) ?? 'unknown';
    return this.ints(attribute);
  }
}

/** Axis in [0, rank) from one that may count from the end; NaN if there is no such axis. */
export function axisOf(axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  return Number.isInteger(a) && a >= 0 && a < rank ? a : Number.NaN;
}

/** Product of dims; 1 for none. */
export function product(dims: Dims): number {
  let p = 1;
  for (const d of dims) p *= d;
  return p;
}

/** Multidirectional broadcasting; null if two dims differ and neither is 1. */
export function broadcast(shapes: readonly Dims[]): Dims | null {
  let rank = 0;
  for (const shape of shapes) rank = Math.max(rank, shape.length);
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = rank - shape.length + i;
      if (out[at] === 1) out[at] = shape[i];
      else if (shape[i] !== 1 && shape[i] !== out[at]) return null;
    }
  }
  return out;
}
