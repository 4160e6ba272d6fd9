// The state of one import: which ONNX tensor stands for which TFLite tensor, and in which order.
//
// TFLite keeps maps as NHWC, ONNX as NCHW. A value of rank 4 has one of two layouts here: `NCHW`, or
// `plain`, the order of the file. Convolutions, pools and the like read and make NCHW; what only moves
// elements (reshape, matrix products) reads and makes plain; the rest keeps what it gets. A Transpose
// stands only where the two meet.
//
// The batch is free: each value knows which of its dims grows with the number of images, and an
// operator that would mix images is refused.

import { sizeOf } from '../../tensor/tensor.ts';
import { dequantise, integers } from './dequantise.ts';
import { malformed, unsupported } from './fail.ts';
import { type Dim, OnnxGraph } from './graph.ts';
import { type Layout, NCHW_FROM_NHWC, NHWC_FROM_NCHW, transposed } from './layout.ts';
import type { Quantisation, TfliteModel, TfliteOperator, TfliteTensor } from './read.ts';

/** A computed tensor. */
export interface Value {
  /** Of the ONNX tensor. */
  readonly name: string;
  /** In the order of the file, whatever the layout. */
  readonly dims: readonly number[];
  readonly layout: Layout;
  /** The dim, in the order of the file, that grows with the batch. */
  readonly batch: number;
}

export class Importer {
  readonly graph: OnnxGraph;
  readonly #model: TfliteModel;
  readonly #computed: ReadonlySet<number>;
  readonly #names: ReadonlyMap<number, string>;
  readonly #values = new Map<number, Value>();
  /** Computed in the file, constant in fact. */
  readonly #constants = new Map<number, TfliteTensor>();
  readonly #read = new Map<string, string>();

  /** @param maxFloats - bound on the float constants of the result. */
  constructor(model: TfliteModel, maxFloats: number) {
    this.#model = model;
    this.#computed = new Set([...model.inputs, ...model.operators.flatMap((o) => o.outputs)]);
    this.graph = new OnnxGraph(maxFloats);
    // Before any constant can take them: these are the names that a user knows the layers by.
    this.#names = new Map([...this.#computed].map((i) => [i, this.graph.unique(model.tensors[i].name)]));
  }

  tensor(index: number): TfliteTensor {
    return this.#model.tensors[index];
  }

  /** Tensor index of an input or output of an operator. */
  operand(o: TfliteOperator, position: number, of: 'inputs' | 'outputs' = 'inputs'): number {
    const index = o[of][position];
    if (index === undefined || index < 0)
      throw malformed(o.op, `${of} 0 … ${position}`, `${o[of].length} of them`);
    return index;
  }

  has(o: TfliteOperator, position: number): boolean {
    return (o.inputs[position] ?? -1) >= 0;
  }

  isConstant(index: number): boolean {
    return this.#constants.has(index) || !this.#computed.has(index);
  }

  value(index: number): Value {
    const value = this.#values.get(index);
    if (value) return value;
    const name = this.tensor(index).name;
    if (this.isConstant(index)) throw unsupported(`the constant "${name}" where a computed tensor belongs`);
    throw malformed(`tensor "${name}"`, 'to be computed before it is read', 'nothing');
  }

  /** The computed input at a position. */
  input(o: TfliteOperator, position = 0): Value {
    return this.value(this.operand(o, position));
  }

  /** A constant as float32, in the order of the file. */
  floats(index: number, quantisation?: Quantisation | null): Float32Array {
    const t = this.#constant(index);
    return dequantise(t, quantisation ?? t.quantisation);
  }

  /** A constant of whole numbers. */
  ints(index: number): number[] {
    return integers(this.#constant(index));
  }

  /** Name of the ONNX tensor that holds a TFLite tensor in a layout. */
  read(index: number, layout: Layout): string {
    if (this.isConstant(index)) return this.readConstant(index, layout, this.tensor(index).shape.length);
    const value = this.value(index);
    if (value.dims.length !== 4 || value.layout === layout) return value.name;
    return this.#once(`${value.name} ${layout}`, () => {
      const name = this.graph.unique(`${value.name}/${layout === 'NCHW' ? 'nchw' : 'nhwc'}`);
      this.graph.describe(name, this.#onnxDims(value, layout));
      return this.graph.node('Transpose', [value.name], name, {
        perm: layout === 'NCHW' ? NCHW_FROM_NHWC : NHWC_FROM_NCHW,
      });
    });
  }

  /** A constant as an initializer; its shape is filled with ones on the left up to `rank`. */
  readConstant(index: number, layout: Layout, rank: number): string {
    const nchw = layout === 'NCHW' && rank === 4;
    return this.#once(`constant ${index} ${nchw} ${rank}`, () => {
      const t = this.#constant(index);
      const data = dequantise(t);
      const dims = [...new Array<number>(Math.max(0, rank - t.shape.length)).fill(1), ...t.shape];
      if (!nchw) return this.graph.floats(t.name, data, dims);
      const moved = transposed(data, dims, NCHW_FROM_NHWC);
      return this.graph.floats(t.name, moved.data, moved.dims);
    });
  }

  /** A constant as an initializer with its dims in another order; made once for all that share it. */
  weights(index: number, perm: readonly number[]): string {
    return this.#once(`weights ${index} ${perm}`, () => {
      const t = this.#constant(index);
      if (t.shape.length !== perm.length)
        throw malformed(`tensor "${t.name}"`, `rank ${perm.length}`, `[${t.shape}]`);
      const { data, dims } = transposed(dequantise(t), t.shape, perm);
      return this.graph.floats(t.name, data, dims);
    });
  }

  /**
   * Registers an output of an operator as computed.
   *
   * @param dims - as the operator's definition gives them; the file must agree, but for the batch.
   * @returns the name that the ONNX tensor must have.
   */
  define(o: TfliteOperator, place: Omit<Value, 'name'>, position = 0): string {
    const index = this.operand(o, position, 'outputs');
    const { shape, name } = this.tensor(index);
    const { dims, batch } = place;
    const agrees = shape.length === dims.length && shape.every((d, i) => i === batch || d === dims[i]);
    if (!agrees) throw malformed(`${o.op} "${name}"`, `an output of [${dims}]`, `[${shape}]`);
    if (this.#values.has(index)) throw malformed(`${o.op} "${name}"`, 'a tensor computed once', 'twice');
    const value = { ...place, name: this.#names.get(index)! };
    this.#values.set(index, value);
    this.graph.describe(value.name, this.#onnxDims(value, place.layout));
    return value.name;
  }

  /** Lets an output of an operator stand for a value that exists. */
  alias(o: TfliteOperator, value: Value): void {
    const index = this.operand(o, 0, 'outputs');
    if (this.#values.has(index)) throw malformed(o.op, 'a tensor computed once', 'twice');
    this.#values.set(index, value);
  }

  /** Lets a computed output stand for a constant, as DEQUANTIZE of float16 weights does. */
  aliasConstant(o: TfliteOperator, index: number): void {
    this.#constants.set(this.operand(o, 0, 'outputs'), this.#constant(index));
  }

  defineInput(index: number, batchName: string): { name: string; dims: Dim[] } {
    const { shape } = this.tensor(index);
    const layout = shape.length === 4 ? 'NCHW' : 'plain';
    const value: Value = { name: this.#names.get(index)!, dims: shape, layout, batch: 0 };
    this.#values.set(index, value);
    const dims = this.#onnxDims(value, layout).map((d, i) => (i === 0 ? batchName : d));
    this.graph.input(value.name, dims);
    return { name: value.name, dims };
  }

  /** Makes a tensor an output of the graph; one that has its name already gets an Identity. */
  defineOutput(index: number, taken: ReadonlySet<string>): string {
    const value = this.value(index);
    let name = value.name;
    if (taken.has(name)) {
      name = this.graph.unique(`${this.tensor(index).name}/output`);
      this.graph.node('Identity', [value.name], name);
    }
    this.graph.output(name, this.#onnxDims(value, value.layout));
    return name;
  }

  #onnxDims(value: Value, layout: Layout): Dim[] {
    const dims: Dim[] = value.dims.map((d, i) => (i === value.batch ? (d === 1 ? 'N' : null) : d));
    return layout === 'NCHW' && dims.length === 4 ? NCHW_FROM_NHWC.map((axis) => dims[axis]) : dims;
  }

  #constant(index: number): TfliteTensor {
    const t = this.#constants.get(index) ?? this.tensor(index);
    if (!this.isConstant(index) || (t.data === null && sizeOf(t.shape) > 0)) {
      throw unsupported(`the tensor "${t.name}" that is computed where a constant belongs`);
    }
    return t;
  }

  #once(key: string, make: () => string): string {
    let name = this.#read.get(key);
    if (name === undefined) {
      name = make();
      this.#read.set(key, name);
    }
    return name;
  }
}
