import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../errors.ts';
import { random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

// Written by the reference implementation, safetensors 0.8.0, from the values below.
const golden = new Uint8Array(readFileSync('test/golden/formats/reference.safetensors'));
const goldenTensors: Record<string, Tensor> = {
  W: { data: Float32Array.of(1.5, -2, 0, 3.25, 1e-7, 65504), dims: [2, 3] },
  d: { data: Float64Array.of(0.1, -1e300), dims: [2] },
  i: { data: Int32Array.of(-2147483648, 0, 2147483647), dims: [3] },
  u: { data: Uint32Array.of(4294967295), dims: [1] },
  h: { data: Int16Array.of(-32768, 32767), dims: [2] },
  H: { data: Uint16Array.of(65535), dims: [1] },
  b: { data: Int8Array.of(-128, 0, 127), dims: [3] },
  B: { data: Uint8Array.of(0, 255), dims: [2] },
  scalar: { data: Float32Array.of(7), dims: [] },
  empty: { data: new Float32Array(0), dims: [0, 4] },
};
const goldenMetadata = { format: 'craft-xai', é: 'ü' };

const plain = <T>(record: Record<string, T>): Record<string, T> => ({ ...record });

/** A file from a header written by hand. */
function file(header: unknown, dataBytes = 0, length?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CraftError);
    return (error as CraftError).code;
  }
  return 'none';
};

const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => s !== '__proto__');
const anyTensor: fc.Arbitrary<Tensor> = fc.oneof(
  fc.float32Array().map((data) => ({ data, dims: [data.length] })),
  fc.float64Array().map((data) => ({ data, dims: [1, data.length] })),
  fc.int32Array().map((data) => ({ data, dims: [data.length, 1] })),
  fc.uint32Array().map((data) => ({ data, dims: [data.length] })),
  fc.int16Array().map((data) => ({ data, dims: [data.length] })),
  fc.uint16Array().map((data) => ({ data, dims: [data.length] })),
  fc.int8Array().map((data) => ({ data, dims: [data.length] })),
  fc.uint8Array().map((data) => ({ data, dims: [data.length] })),
);
const anyTensors = fc.dictionary(name, anyTensor, { noNullPrototype: true });

describe('readSafetensors', () => {
  it('reads a file of the reference implementation', () => {
    const { tensors, metadata } = readSafetensors(golden);
    expect(plain(tensors)).toEqual(goldenTensors);
    expect(plain(metadata)).toEqual(goldenMetadata);
  });

  it('reads from the middle of a buffer at an odd offset', () => {
    const shifted = new Uint8Array(golden.length + 1);
    shifted.set(golden, 1);
    expect(plain(readSafetensors(shifted.subarray(1)).tensors)).toEqual(goldenTensors);
  });

  const one = (entry: object) => ({ a: { dtype: 'U8', shape: [2], data_offsets: [0, 2], ...entry } });
  it.each([
    ['no bytes', new Uint8Array(0)],
    ['a header longer than the file', file({}, 0, 3)],
    ['a header length of 2⁶⁴ − 1', new Uint8Array(8).fill(255)],
    ['a header that is not UTF-8', file('{"\u00ff"', 0, 3)],
    ['a header that is not JSON', file('{"a":')],
    ['a header that is an array', file([])],
    ['deep nesting', file('['.repeat(100_000))],
    ['an unknown dtype', file(one({ dtype: 'BF16' }), 2)],
    ['a dtype named like a member of Object', file(one({ dtype: 'constructor' }), 2)],
    ['a shape that overflows', file(one({ shape: [2 ** 40, 2 ** 40] }), 2)],
    ['a negative dim', file(one({ shape: [-1] }), 2)],
    ['a fractional dim', file(one({ shape: [0.5] }), 2)],
    ['a shape of other size', file(one({ shape: [3] }), 2)],
    ['offsets behind the data', file(one({ data_offsets: [1, 3] }), 2)],
    ['offsets the wrong way', file(one({ data_offsets: [2, 0] }), 2)],
    ['a gap before', file(one({ data_offsets: [1, 3] }), 3)],
    ['bytes after', file(one({}), 3)],
    ['an overlap', file({ ...one({}), b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } }, 3)],
    ['an entry that is null', file({ a: null })],
    ['an empty name', file({ '': { dtype: 'U8', shape: [0], data_offsets: [0, 0] } })],
    ['the name __proto__', file('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}')],
    ['metadata that is no text', file({ __metadata__: { a: 1 } })],
    ['metadata that is null', file({ __metadata__: null })],
    [
      'a name twice',
      file(
        '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}}',
      ),
    ],
    ['a field twice', file('{"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}')],
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(() => readSafetensors(bytes))).toBe('FILE_FORMAT');
  });

  it('either reads or refuses a file with any bytes changed', () => {
    const rng = random(1);
    for (let trial = 0; trial < 2000; trial++) {
      const bytes = golden.slice();
      for (let flips = 0; flips <= trial % 4; flips++) bytes[rng.below(bytes.length)] ^= 1 + rng.below(255);
      expect(codeOf(() => readSafetensors(bytes))).toMatch(/none|FILE_FORMAT/);
    }
  });

  it('refuses a file that ends early, wherever', () => {
    for (let end = 0; end < golden.length; end++) {
      expect(codeOf(() => readSafetensors(golden.subarray(0, end)))).toBe('FILE_FORMAT');
    }
  });
});

describe('writeSafetensors', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(
        anyTensors,
        fc.dictionary(name, fc.string(), { noNullPrototype: true }),
        (tensors, metadata) => {
          const back = readSafetensors(writeSafetensors(tensors, metadata));
          expect(plain(back.tensors)).toEqual(tensors);
          expect(plain(back.metadata)).toEqual(metadata);
        },
      ),
    );
  });

  it('gives the same bytes for the same tensors', () => {
    const copy = Object.fromEntries(
      Object.entries(goldenTensors).map(([key, t]) => [key, { ...t, data: t.data.slice() }]),
    );
    expect(writeSafetensors(copy, goldenMetadata)).toEqual(writeSafetensors(goldenTensors, goldenMetadata));
  });

  it('starts the data, and every tensor in it, at a multiple of its element size', () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const bytes = writeSafetensors(tensors);
        const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(header % 8).toBe(0);
        const entries = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header)));
        expect(Object.keys(entries)).toEqual(Object.keys(tensors));
        for (const [key, t] of Object.entries(tensors)) {
          expect(entries[key].data_offsets[0] % t.data.BYTES_PER_ELEMENT).toBe(0);
        }
      }),
    );
  });

  it('writes clamped bytes as U8', () => {
    const bytes = writeSafetensors({ a: { data: Uint8ClampedArray.of(1, 2), dims: [2] } });
    expect(readSafetensors(bytes).tensors.a).toEqual({ data: Uint8Array.of(1, 2), dims: [2] });
  });

  it.each(['', '__metadata__', '__proto__', 'a\ud800'])('refuses the name %j', (bad) => {
    const tensors = Object.fromEntries([[bad, { data: new Uint8Array(1), dims: [1] }]]);
    expect(codeOf(() => writeSafetensors(tensors))).toBe('VALUE');
  });

  it('refuses dims that do not fit, and metadata that is no text', () => {
    expect(codeOf(() => writeSafetensors({ a: { data: new Uint8Array(1), dims: [2] } }))).toBe('SHAPE');
    expect(codeOf(() => writeSafetensors({}, { a: 1 } as never))).toBe('VALUE');
  });
});

it('reads a Buffer of Node as it reads the same bytes', () => {
  const { tensors } = readSafetensors(Buffer.from(golden));
  expect(plain(tensors)).toEqual(goldenTensors);
});
