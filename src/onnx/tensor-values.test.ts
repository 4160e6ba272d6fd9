import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataLocation, DataType } from './proto/constants.ts';
import { TensorProtoSchema } from './proto/onnx_pb.ts';
import { valuesOf } from './tensor-values.ts';

const raw = (dataType: number, data: { buffer: ArrayBuffer; length: number }) =>
  create(TensorProtoSchema, { dataType, dims: [BigInt(data.length)], rawData: new Uint8Array(data.buffer) });

describe('valuesOf', () => {
  it.each([
    [DataType.FLOAT, Float32Array.of(1.5, -2)],
    [DataType.DOUBLE, Float64Array.of(0.1, -2)],
    [DataType.INT8, Int8Array.of(-128, 127)],
    [DataType.UINT8, Uint8Array.of(0, 255)],
    [DataType.INT16, Int16Array.of(-32768, 32767)],
    [DataType.UINT16, Uint16Array.of(0, 65535)],
    [DataType.INT32, Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    [DataType.UINT32, Uint32Array.of(0, 2 ** 32 - 1)],
    [DataType.INT64, BigInt64Array.of(-5n, 2n ** 52n)],
    [DataType.UINT64, BigUint64Array.of(0n, 2n ** 52n)],
  ])('reads raw data of type %i', (type, data) => {
    expect(valuesOf(raw(type, data as Float32Array<ArrayBuffer>), 10)).toEqual(
      Array.from(data as Float32Array, Number),
    );
  });

  it.each([
    [DataType.FLOAT, { floatData: [1.5, -2] }, [1.5, -2]],
    [DataType.DOUBLE, { doubleData: [0.1] }, [0.1]],
    [DataType.INT64, { int64Data: [-5n] }, [-5]],
    [DataType.UINT64, { uint64Data: [5n] }, [5]],
    [DataType.BOOL, { int32Data: [1, 0] }, [1, 0]],
    [DataType.FLOAT16, { int32Data: [0x3c00, 0xc000] }, [1, -2]],
    [DataType.BFLOAT16, { int32Data: [0x3f80, 0xc000] }, [1, -2]],
  ])('reads the typed field of type %i', (dataType, data, expected) => {
    const dims = [BigInt(expected.length)];
    expect(valuesOf(create(TensorProtoSchema, { dataType, dims, ...data }), 10)).toEqual(expected);
  });

  // IEEE 754-2008, binary16: largest, smallest normal, smallest subnormal, −0, infinities, NaN.
  it.each([
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x8000, -0],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('reads the float16 %i as %d', (bits, expected) => {
    expect(valuesOf(raw(DataType.FLOAT16, Uint16Array.of(bits)), 1)).toEqual([expected]);
  });

  it('reads data at any offset of its buffer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.integer(), { maxLength: 5 }),
        (offset, numbers) => {
          const buffer = new Uint8Array(offset + 8 * numbers.length);
          buffer.set(new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer), offset);
          const dims = [BigInt(numbers.length)];
          const tensor = create(TensorProtoSchema, {
            dataType: DataType.INT64,
            dims,
            rawData: buffer.subarray(offset),
          });
          expect(valuesOf(tensor, 10)).toEqual(numbers);
        },
      ),
    );
  });

  it('gives nothing for what is too large, elsewhere, of another size, or no number', () => {
    const tensor = raw(DataType.FLOAT, Float32Array.of(1, 2, 3));
    expect(valuesOf(tensor, 2)).toBeNull();
    expect(valuesOf(Object.assign(create(TensorProtoSchema, tensor), { dims: [4n] }), 10)).toBeNull();
    expect(valuesOf(Object.assign(create(TensorProtoSchema, tensor), { dims: [-3n] }), 10)).toBeNull();
    expect(
      valuesOf(Object.assign(create(TensorProtoSchema, tensor), { dataType: DataType.STRING }), 10),
    ).toBeNull();
    const external = { dataLocation: DataLocation.EXTERNAL };
    expect(valuesOf(Object.assign(create(TensorProtoSchema, tensor), external), 10)).toBeNull();
  });
});
