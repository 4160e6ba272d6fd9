// From the bytes of an ONNX file to its messages and back.

import { fromBinary } from '@bufbuild/protobuf';
import { CraftError } from '../../errors.ts';
import { type ModelProto, ModelProtoSchema } from './onnx_pb.ts';
import { modelBytes } from './write.ts';

/**
 * Reads a model. Tensors are not copied: `rawData` of every TensorProto is a view of `bytes`, so its
 * `byteOffset` says where the weights lie in the file. Unknown fields are kept.
 *
 * @throws {@link CraftError} `MODEL_FORMAT` if the bytes are not an ONNX model with a graph.
 */
export function decodeModel(bytes: Uint8Array): ModelProto {
  if (!(bytes instanceof Uint8Array)) {
    throw new CraftError(
      'MODEL_FORMAT',
      `decodeModel: expected the bytes of an ONNX file; got ${typeof bytes}`,
    );
  }
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new CraftError(
      'MODEL_FORMAT',
      `decodeModel: expected an ONNX model; got ${bytes.length} bytes that are not one (${reason(cause)}); check that the file is complete`,
      { cause },
    );
  }
  if (!model.graph || model.graph.node.length === 0) {
    throw new CraftError(
      'MODEL_FORMAT',
      `decodeModel: expected an ONNX model with a graph of nodes; got ${model.graph ? 'a graph without nodes' : 'no graph'}; check that the file is an ONNX model`,
    );
  }
  return model;
}

/**
 * Writes a model: the bytes that {@link decodeModel} has read, if nothing was changed.
 *
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if it does not fit in one array (ONNX ends at 2 GiB).
 */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  try {
    return modelBytes(model);
  } catch (cause) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `encodeModel: expected a model that fits in 2 GiB; got one that cannot be written (${reason(cause)}); keep its weights outside (inline: false)`,
      { cause },
    );
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
