// Writes small ONNX models for tests.

import { create, toBinary } from '@bufbuild/protobuf';
import { valueInfo } from '../../src/onnx/build.ts';
import { AttributeType, DataType } from '../../src/onnx/proto/constants.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../../src/onnx/proto/onnx_pb.ts';
import { type Random, random } from '../../src/tensor/random.ts';

type Dims = readonly (number | string)[];
/** Whole numbers are INT, lists INTS; a FLOAT is `{ float }`, a list of them `{ floats }`. */
type AttributeValue =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { floats: readonly number[] }
  | GraphProto
  | TensorProto;

/** Collects the parts of a graph; every method that makes a tensor returns its name. */
export class GraphBuilder {
  readonly graph: GraphProto = create(GraphProtoSchema, { name: 'test' });
  readonly #rng: Random;
  #count = 0;

  constructor(seed = 1) {
    this.#rng = random(seed);
  }

  input(name: string, dims: Dims, type: number = DataType.FLOAT): string {
    this.graph.input.push(valueInfo(name, type, dims));
    return name;
  }

  output(name: string, dims: Dims | null, type: number = DataType.FLOAT): string {
    this.graph.output.push(valueInfo(name, type, dims));
    return name;
  }

  /** Uniform in [−1, 1)·√(3 / fan in), so that activations keep their size. */
  weights(dims: readonly number[], name = `w${this.#count++}`): string {
    const size = dims.reduce((a, b) => a * b, 1);
    const fanIn = dims.length === 2 ? dims[0] : Math.max(1, size / dims[0]);
    const values = Float32Array.from(
      { length: size },
      () => (2 * this.#rng.uniform() - 1) * Math.sqrt(3 / fanIn),
    );
    return this.floats(values, dims, name);
  }

  floats(values: ArrayLike<number>, dims: readonly number[], name = `f${this.#count++}`): string {
    this.graph.initializer.push(floatTensor(values, dims, name));
    return name;
  }

  ints(
    values: readonly number[],
    dims: readonly number[] = [values.length],
    name = `i${this.#count++}`,
  ): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.graph.initializer.push(
      create(TensorProtoSchema, { name, dataType: DataType.INT64, dims: dims.map(BigInt), rawData }),
    );
    return name;
  }

  /** A UINT8 tensor. */
  bytes8(values: readonly number[], dims: readonly number[], name = `u${this.#count++}`): string {
    const rawData = Uint8Array.from(values);
    this.graph.initializer.push(
      create(TensorProtoSchema, { name, dataType: DataType.UINT8, dims: dims.map(BigInt), rawData }),
    );
    return name;
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    name = `${opType}_${this.#count++}`,
  ): string {
    return this.nodes(opType, inputs, [name], attributes)[0];
  }

  /** A node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): readonly string[] {
    this.graph.node.push(
      create(NodeProtoSchema, {
        opType,
        domain,
        name: `/${outputs[0]}`,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    );
    return outputs;
  }

  model(opset = 17, irVersion = 8): ModelProto {
    return create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: 'test',
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
      graph: this.graph,
    });
  }

  bytes(opset = 17, irVersion = 8): Uint8Array {
    return toBinary(ModelProtoSchema, this.model(opset, irVersion));
  }
}

export function floatTensor(values: ArrayLike<number>, dims: readonly number[], name = ''): TensorProto {
  const rawData = new Uint8Array(Float32Array.from(values).buffer);
  return create(TensorProtoSchema, { name, dataType: DataType.FLOAT, dims: dims.map(BigInt), rawData });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  const make = (type: number, rest: object): AttributeProto =>
    create(AttributeProtoSchema, { name, type, ...rest });
  if (typeof value === 'number') return make(AttributeType.INT, { i: BigInt(value) });
  if (typeof value === 'string') return make(AttributeType.STRING, { s: new TextEncoder().encode(value) });
  if (Array.isArray(value)) return make(AttributeType.INTS, { ints: value.map(BigInt) });
  if ('float' in value) return make(AttributeType.FLOAT, { f: value.float });
  if ('floats' in value) return make(AttributeType.FLOATS, { floats: [...value.floats] });
  if ('node' in value) return make(AttributeType.GRAPH, { g: value });
  return make(AttributeType.TENSOR, { t: value as TensorProto });
}
