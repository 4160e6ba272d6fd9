// From the messages of an ONNX file to its bytes. Weights are most of a file: they are copied once, to where they end
// up, not into their tensor's message first, from there into the graph's and from there into the model's.

import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from './onnx_pb.ts';

/** An ONNX file is one message of protobuf, which ends here. */
const MAX_BYTES = 2 ** 31 - 1;

const GRAPH = ModelProtoSchema.field.graph.number;
const INITIALIZER = GraphProtoSchema.field.initializer.number;
const RAW_DATA = TensorProtoSchema.field.rawData.number;

/**
 * The bytes of a model, its fields in the order of their numbers.
 *
 * @throws RangeError from 2 GiB.
 */
export function modelBytes(model: ModelProto): Uint8Array<ArrayBuffer> {
  const { graph, ...shell } = model;
  if (!graph) return toBinary(ModelProtoSchema, model);
  const tensors = graph.initializer.flatMap((tensor) => field(INITIALIZER, tensorParts(tensor)));
  const graphParts = inserted(GraphProtoSchema, { ...graph, initializer: [] }, INITIALIZER, tensors);
  return joined(inserted(ModelProtoSchema, shell, GRAPH, field(GRAPH, graphParts)));
}

function tensorParts(tensor: TensorProto): Uint8Array[] {
  const { rawData, ...shell } = tensor;
  if (rawData.length === 0) return [toBinary(TensorProtoSchema, tensor)];
  return inserted(TensorProtoSchema, shell as TensorProto, RAW_DATA, field(RAW_DATA, [rawData]));
}

/** A message without a field, and the field's bytes at its place. */
function inserted<T extends DescMessage>(
  schema: T,
  shell: MessageShape<T>,
  number: number,
  parts: Uint8Array[],
): Uint8Array[] {
  const bytes = toBinary(schema, shell);
  const reader = new BinaryReader(bytes);
  let at = 0;
  while (reader.pos < bytes.length) {
    const [found, type] = reader.tag();
    if (found > number) break;
    reader.skip(type, found);
    at = reader.pos;
  }
  return [bytes.subarray(0, at), ...parts, bytes.subarray(at)];
}

/** Tag and length, then the parts. */
function field(number: number, parts: Uint8Array[]): Uint8Array[] {
  const head = new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(lengthOf(parts)).finish();
  return [head, ...parts];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > MAX_BYTES) throw new RangeError(`${length} bytes`);
  return length;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
