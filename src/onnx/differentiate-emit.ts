// Makes the nodes and constants that a transformation adds to a graph. Their names start with a prefix
// that no name of the model has.

import { create } from '@bufbuild/protobuf';
import { CraftError } from '../errors.ts';
import { int64Tensor, makeNode } from './build.ts';
import { type Attributes, attributesOf, tensorAttribute } from './differentiate-attributes.ts';
import { DataType } from './proto/constants.ts';
import { type NodeProto, type TensorProto, TensorProtoSchema } from './proto/onnx_pb.ts';

/** Collects nodes of the default operator set; every method that makes a tensor returns its name. */
export class Emitter {
  nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #prefix: string;
  readonly #known = new Map<string, string>();
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  fresh(what: string): string {
    return `${this.#prefix}/${what}_${this.#count++}`;
  }

  /** The nodes that `write` makes, apart from the others: those of a branch. */
  apart(write: () => void): NodeProto[] {
    const around = this.nodes;
    this.nodes = [];
    write();
    const made = this.nodes;
    this.nodes = around;
    return made;
  }

  /** A node with one output. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    return this.ops(opType, inputs, [output ?? this.fresh(opType)], attributes)[0];
  }

  /** A node with the outputs named. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
  ): readonly string[] {
    const node = makeNode(opType, inputs, outputs, {});
    node.attribute.push(...attributesOf(attributes));
    this.nodes.push(node);
    return outputs;
  }

  /** An INT64 vector. */
  ints(values: readonly number[]): string {
    checkWhole(values);
    return this.#once(`ints ${values}`, (name) => int64Tensor(name, values));
  }

  /** An INT64 scalar. */
  int(value: number): string {
    checkWhole([value]);
    return this.#once(`int ${value}`, (name) => int64Tensor(name, [value], []));
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.#once(`float ${value}`, (name) => floatTensor(name, [value]));
  }

  /** A float32 vector. */
  floats(values: readonly number[]): string {
    return this.#once(`floats ${values}`, (name) => floatTensor(name, values, [values.length]));
  }

  /** The dims of a tensor, one Shape node for all that ask. */
  shapeOf(x: string): string {
    return this.#onceMade(`shape ${x}`, () => this.op('Shape', [x]));
  }

  /** Size of one axis, an INT64 vector of one. */
  sizeOf(x: string, axis: number): string {
    return this.#onceMade(`size ${axis} ${x}`, () =>
      this.op('Gather', [this.shapeOf(x), this.ints([axis])], { axis: 0 }),
    );
  }

  add(a: string, b: string): string {
    return this.op('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.op('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.op('Div', [a, b]);
  }

  neg(a: string): string {
    return this.op('Neg', [a]);
  }

  /** a · factor. */
  times(a: string, factor: number): string {
    return factor === 1 ? a : this.mul(a, this.float(factor));
  }

  square(a: string): string {
    return this.mul(a, a);
  }

  where(condition: string, a: string, b: string): string {
    return this.op('Where', [condition, a, b]);
  }

  /** a where the condition holds, 0 elsewhere. */
  masked(condition: string, a: string): string {
    return this.where(condition, a, this.float(0));
  }

  isPositive(a: string): string {
    return this.op('Greater', [a, this.float(0)]);
  }

  sum(x: string, axes: readonly number[], keepdims = true): string {
    return axes.length === 0 ? x : this.op('ReduceSum', [x, this.ints(axes)], { keepdims: Number(keepdims) });
  }

  mean(x: string, axes: readonly number[]): string {
    return axes.length === 0 ? x : this.op('ReduceMean', [x, this.ints(axes)], { keepdims: 1 });
  }

  transpose(x: string, perm: readonly number[]): string {
    return perm.every((p, i) => p === i) ? x : this.op('Transpose', [x], { perm });
  }

  unsqueeze(x: string, axes: readonly number[]): string {
    return axes.length === 0 ? x : this.op('Unsqueeze', [x, this.ints(axes)]);
  }

  reshape(x: string, dims: readonly number[]): string {
    return this.op('Reshape', [x, this.ints(dims)]);
  }

  concat(parts: readonly string[], axis: number): string {
    return parts.length === 1 ? parts[0] : this.op('Concat', parts, { axis });
  }

  /** A float32 tensor of one value, of dims that an INT64 vector gives. */
  filled(shape: string, value = 0): string {
    const t = floatTensor('', [value], [1]);
    const [output] = this.ops('ConstantOfShape', [shape], [this.fresh('ConstantOfShape')]);
    this.nodes.at(-1)!.attribute.push(tensorAttribute('value', t));
    return output;
  }

  /** As {@link filled}, of fixed dims; one node for all that ask. */
  constantOf(dims: readonly number[], value: number): string {
    return this.#onceMade(`filled ${value} ${dims}`, () => this.filled(this.ints(dims), value));
  }

  zerosLike(x: string): string {
    return this.filled(this.shapeOf(x));
  }

  #once(key: string, make: (name: string) => TensorProto): string {
    return this.#onceMade(key, () => {
      const name = this.fresh('constant');
      this.initializers.push(make(name));
      return name;
    });
  }

  #onceMade(key: string, make: () => string): string {
    let name = this.#known.get(key);
    if (name === undefined) {
      name = make();
      this.#known.set(key, name);
    }
    return name;
  }
}

function checkWhole(values: readonly number[]): void {
  const wrong = values.find((v) => !Number.isSafeInteger(v));
  if (wrong === undefined) return;
  throw new CraftError(
    'MODEL_FORMAT',
    `differentiate: expected whole numbers as dims, axes and pads; got ${wrong}; check the model with onnx.checker`,
  );
}

function floatTensor(name: string, values: readonly number[], dims: readonly number[] = []): TensorProto {
  const [dataType, floatData] = [DataType.FLOAT, [...values]];
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), floatData });
}
