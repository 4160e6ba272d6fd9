import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantise, integers } from './dequantise.ts';
import type { TfliteTensor } from './read.ts';

const constant = (
  type: string,
  shape: number[],
  data: ArrayBufferView,
  change: Partial<TfliteTensor> = {},
): TfliteTensor => ({
  name: 'w',
  shape,
  signature: [],
  type,
  data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  quantisation: null,
  obstacle: null,
  ...change,
});

describe('dequantise', () => {
  it('is (q − z)·s', () => {
    const q = { scale: [0.5], zeroPoint: [2], axis: 0 };
    const of = (type: string, data: ArrayBufferView) => [
      ...dequantise(constant(type, [3], data, { quantisation: q })),
    ];
    expect(of('UINT8', Uint8Array.of(0, 2, 255))).toEqual([-1, 0, 126.5]);
    expect(of('INT8', Int8Array.of(-128, 2, 127))).toEqual([-65, 0, 62.5]);
    expect(of('INT16', Int16Array.of(-32768, 2, 32767))).toEqual([-16385, 0, 16382.5]);
    expect(of('INT32', Int32Array.of(-4, 2, 6))).toEqual([-3, 0, 2]);
    expect(of('INT64', BigInt64Array.of(-4n, 2n, 6n))).toEqual([-3, 0, 2]);
  });

  it('reads bytes wherever they lie, also in a Buffer', () => {
    const q = { scale: [1], zeroPoint: [0], axis: 0 };
    const data = Buffer.from([9, 5, 0, 0, 0, 255, 255, 255, 255]).subarray(1);
    expect([...dequantise({ ...constant('INT32', [2], data), data, quantisation: q })]).toEqual([5, -1]);
  });

  it.each([0, 1, 2])('has a scale for each index of dim %d', (axis) => {
    const shape = [2, 3, 4];
    const scale = Array.from({ length: shape[axis] }, (_, c) => c + 1);
    const zeroPoint = scale.map((s) => -s);
    const data = Int8Array.from({ length: 24 }, (_, i) => i);
    const real = dequantise(constant('INT8', shape, data, { quantisation: { scale, zeroPoint, axis } }));
    let i = 0;
    for (let a = 0; a < 2; a++) {
      for (let b = 0; b < 3; b++) {
        for (let c = 0; c < 4; c++, i++) {
          const s = [a, b, c][axis] + 1;
          expect(real[i]).toBe((i + s) * s);
        }
      }
    }
  });

  // Every float16 is a float32, so the bits that a float32 is rounded from come back exactly.
  it('reads float16: a sign, 5 bits of exponent, 10 of fraction', () => {
    const known: [number, number][] = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x8000, -0],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x7e00, Number.NaN],
    ];
    const real = dequantise(
      constant(
        'FLOAT16',
        [known.length],
        Uint16Array.from(known, ([bits]) => bits),
      ),
    );
    expect([...real]).toEqual(known.map(([, value]) => value));
  });

  it('reads float32 and float64 at any offset', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1 }), fc.integer({ min: 0, max: 7 }), (values, shift) => {
        const room = new Uint8Array(4 * values.length + shift);
        room.set(new Uint8Array(values.buffer), shift);
        expect(dequantise(constant('FLOAT32', [values.length], room.subarray(shift)))).toEqual(values);
        const doubles = Float64Array.from(values);
        expect(dequantise(constant('FLOAT64', [values.length], doubles))).toEqual(values);
      }),
    );
  });

  it('refuses whole numbers without a scale', () => {
    expect(() => dequantise(constant('INT32', [1], Int32Array.of(1)))).toThrow(/without scale/);
  });
});

describe('integers', () => {
  it('reads INT32 and INT64 only', () => {
    expect(integers(constant('INT32', [2], Int32Array.of(-1, 7)))).toEqual([-1, 7]);
    expect(integers(constant('INT64', [2], BigInt64Array.of(-1n, 7n)))).toEqual([-1, 7]);
    expect(() => integers(constant('FLOAT32', [1], Float32Array.of(1)))).toThrow(/whole numbers/);
  });
});
