// An ONNX graph under construction, for the few ops that the model of the text demo needs.

import { create } from '@bufbuild/protobuf';
import { type IntAttributes, int64Tensor, makeNode, valueInfo } from '../../onnx/build.ts';
import { AttributeType, DataType } from '../../onnx/proto/constants.ts';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
} from '../../onnx/proto/onnx_pb.ts';
import { encodeModel } from '../../onnx/proto/read.ts';
import type { Tensor } from '../../tensor/tensor.ts';

const IR_VERSION = 8n;
const OPSET = 17n;

/** Adds nodes in order; every method returns the name of the tensor that it makes. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  node(opType: string, inputs: readonly string[], output: string, attributes: IntAttributes = {}): string {
    this.#nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  }

  /** LayerNormalization over the last axis. */
  layerNorm(
    inputs: readonly [x: string, scale: string, bias: string],
    output: string,
    epsilon: number,
  ): string {
    const node = makeNode('LayerNormalization', inputs, [output], { axis: -1 });
    node.attribute.push(
      create(AttributeProtoSchema, { name: 'epsilon', type: AttributeType.FLOAT, f: epsilon }),
    );
    this.#nodes.push(node);
    return output;
  }

  floats(name: string, { data, dims }: Tensor): string {
    const values = Float32Array.from(data);
    this.#initializers.push(
      create(TensorProtoSchema, {
        name,
        dataType: DataType.FLOAT,
        dims: dims.map(BigInt),
        rawData: new Uint8Array(values.buffer),
      }),
    );
    return name;
  }

  /** Whole numbers; `dims` default to those of a vector. */
  ints(name: string, values: readonly number[], dims?: readonly number[]): string {
    this.#initializers.push(int64Tensor(name, values, dims));
    return name;
  }

  input(name: string, dims: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, DataType.INT64, dims));
    return name;
  }

  output(name: string, dims: readonly (number | string)[]): string {
    this.#outputs.push(valueInfo(name, DataType.FLOAT, dims));
    return name;
  }

  toBytes(name: string): Uint8Array {
    return encodeModel(
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'craft-xai',
        opsetImport: [{ domain: '', version: OPSET }],
        graph: {
          name,
          node: this.#nodes,
          initializer: this.#initializers,
          input: this.#inputs,
          output: this.#outputs,
        },
      }),
    );
  }
}
