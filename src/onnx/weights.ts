// Where the weights of the two halves are kept: inside, in the original file, or in its own other files.

import { create } from '@bufbuild/protobuf';
import { CraftError } from '../errors.ts';
import { DataLocation } from './proto/constants.ts';
import { StringStringEntryProtoSchema, type TensorProto, TensorProtoSchema } from './proto/onnx_pb.ts';
import { bytesOf, dimsOf, isExternal } from './tensor-values.ts';

/** Name under which the halves refer to the bytes of the model that they were cut from. */
export const ORIGINAL_WEIGHTS = 'original.onnx';

/** Smaller tensors are written out: a reference would take as much. */
const MIN_REFERENCED = 1024;

export type Placement = (t: TensorProto) => TensorProto;

/** Weights stay where they are: those in `original` are referred to by offset, external ones as before. */
export function byReference(original: Uint8Array): Placement {
  return (t) => {
    const { rawData } = t;
    if (isExternal(t) || rawData.length < MIN_REFERENCED || rawData.buffer !== original.buffer) return t;
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    return create(TensorProtoSchema, {
      name: t.name,
      dims: t.dims,
      dataType: t.dataType,
      dataLocation: DataLocation.EXTERNAL,
      externalData: [
        entry('location', ORIGINAL_WEIGHTS),
        entry('offset', String(rawData.byteOffset - original.byteOffset)),
        entry('length', String(rawData.length)),
      ],
    });
  };
}

/**
 * All weights inside, external ones read from `files`.
 *
 * @throws {@link CraftError} `FILE` if a file is not there or too short.
 */
export function inside(files: ReadonlyMap<string, Uint8Array>): Placement {
  return (t) => {
    if (!isExternal(t)) return t;
    const { name, dims, dataType } = t;
    return create(TensorProtoSchema, { name, dims, dataType, rawData: readExternal(t, files) });
  };
}

function readExternal(t: TensorProto, files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const { location, offset, length } = externalPlace(t);
  const file = files.get(location);
  if (!file) {
    throw new CraftError(
      'FILE',
      `weights: expected the weights of "${t.name}" in externalData; got no bytes for "${location}"; pass them, or leave the weights where they are with inline: false`,
    );
  }
  const size = length ?? sizeInBytes(t) ?? file.length - offset;
  if (offset + size > file.length) {
    throw new CraftError(
      'FILE',
      `weights: expected ${size} bytes of "${t.name}" at ${offset} of "${location}"; got a file of ${file.length} bytes; check that it belongs to the model`,
    );
  }
  return file.subarray(offset, offset + size);
}

/** Where an external tensor lies: file, offset in bytes, and length in bytes (null: what its dims say). */
export function externalPlace(t: TensorProto): { location: string; offset: number; length: number | null } {
  const value = (key: string): string | undefined => t.externalData.find((e) => e.key === key)?.value;
  const whole = (text: string | undefined): number | null => {
    if (text === undefined || text === '') return null;
    const n = Number(text);
    if (Number.isSafeInteger(n) && n >= 0) return n;
    throw new CraftError(
      'MODEL_FORMAT',
      `weights: expected a whole number as offset or length of the external tensor "${t.name}"; got "${text}"; export the model again`,
    );
  };
  return {
    location: value('location') ?? '',
    offset: whole(value('offset')) ?? 0,
    length: whole(value('length')),
  };
}

function sizeInBytes(t: TensorProto): number | null {
  const dims = dimsOf(t);
  const each = bytesOf(t.dataType);
  return dims && each ? dims.reduce((size, d) => size * d, each) : null;
}
