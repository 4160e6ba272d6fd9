// An ONNX graph under construction.

import { create } from '@bufbuild/protobuf';
import { AttributeType, DataType } from '../../onnx/proto/constants.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../onnx/proto/onnx_pb.ts';
import { encodeModel } from '../../onnx/proto/read.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { unsupported } from './fail.ts';

const IR_VERSION = 8n;
const OPSET = 17n;

/** A number alone is an INT; a FLOAT says so, since 1 and 1.0 are the same number. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A dim is a number, a name (`N`), or null where it is not known. */
export type Dim = number | string | null;

export class OnnxGraph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #described = new Map<string, ValueInfoProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #suffixes = new Map<string, number>();
  readonly #scalars = new Map<string, string>();
  #floatsLeft: number;

  /** @param maxFloats - bound on all float constants together: many tensors may share one buffer. */
  constructor(maxFloats: number) {
    this.#floatsLeft = maxFloats;
  }

  /** `name`, or `name_1` and so on if it is taken; then taken. */
  unique(name: string): string {
    let candidate = name;
    for (let k = this.#suffixes.get(name) ?? 0; this.#suffixes.has(candidate); ) {
      candidate = `${name}_${++k}`;
      this.#suffixes.set(name, k);
    }
    this.#suffixes.set(candidate, 0);
    return candidate;
  }

  /** Adds a node named like its first output; returns that name. */
  node(
    opType: string,
    input: readonly string[],
    output: string | readonly string[],
    attributes: Record<string, Attribute> = {},
  ): string {
    const outputs = typeof output === 'string' ? [output] : [...output];
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.#nodes.push(
      create(NodeProtoSchema, { opType, name: outputs[0], input: [...input], output: outputs, attribute }),
    );
    return outputs[0];
  }

  floats(name: string, data: Float32Array, dims: readonly number[]): string {
    this.#floatsLeft -= sizeOf(dims);
    if (this.#floatsLeft < 0) throw unsupported('constants that are larger than the file can stand for');
    return this.#initializer(
      name,
      DataType.FLOAT,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      dims,
    );
  }

  ints(name: string, values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#initializer(name, DataType.INT64, new Uint8Array(data.buffer), [values.length]);
  }

  /** A float scalar, made once for each value. */
  scalar(value: number): string {
    const key = Object.is(value, -0) ? '-0' : String(value);
    let name = this.#scalars.get(key);
    if (name === undefined) {
      name = this.floats(`constant ${key}`, Float32Array.of(value), []);
      this.#scalars.set(key, name);
    }
    return name;
  }

  /** States the shape of a float tensor, for readers that do not infer it. */
  describe(name: string, dims: readonly Dim[]): void {
    this.#described.set(name, valueInfo(name, dims));
  }

  input(name: string, dims: readonly Dim[]): void {
    this.#inputs.push(valueInfo(name, dims));
  }

  output(name: string, dims: readonly Dim[]): void {
    this.#described.delete(name);
    this.#outputs.push(valueInfo(name, dims));
  }

  toBytes(): Uint8Array {
    return encodeModel(
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'craft-xai',
        opsetImport: [{ domain: '', version: OPSET }],
        graph: {
          name: 'tflite',
          node: this.#nodes,
          initializer: this.#initializers,
          input: this.#inputs,
          output: this.#outputs,
          valueInfo: [...this.#described.values()],
        },
      }),
    );
  }

  #initializer(base: string, dataType: number, rawData: Uint8Array, dims: readonly number[]): string {
    const name = this.unique(base);
    this.#initializers.push(create(TensorProtoSchema, { name, dataType, rawData, dims: dims.map(BigInt) }));
    return name;
  }
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, dims: readonly Dim[]): ValueInfoProto {
  const dim = dims.map((d) => {
    if (d === null) return {};
    if (typeof d === 'string') return { value: { case: 'dimParam' as const, value: d } };
    return { value: { case: 'dimValue' as const, value: BigInt(d) } };
  });
  const tensorType = { elemType: DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}
