import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../../errors.ts';
import { readTfjsWeights, tfjsShards } from './read.ts';

const bytesOf = (...arrays: (Float32Array | Int32Array)[]) =>
  new Uint8Array(Buffer.concat(arrays.map((a) => Buffer.from(a.buffer))));
const weights = [
  { name: 'kernel', shape: [2, 2], dtype: 'float32' },
  { name: 'axis', shape: [], dtype: 'int32' },
  { name: 'bias', shape: [2], dtype: 'float32' },
];
const model = (more: object = {}) => ({ weightsManifest: [{ paths: ['a', 'b'], weights, ...more }] });
const all = bytesOf(Float32Array.of(1, 2, 3, 4), Int32Array.of(-1), Float32Array.of(5, 6));
const shards = (cut: number) =>
  new Map([
    ['a', all.slice(0, cut)],
    ['b', all.slice(cut)],
  ]);

describe('readTfjsWeights', () => {
  it('reads weights in the order of the manifest, wherever the shards are parted', () => {
    expect(tfjsShards(model())).toEqual(['a', 'b']);
    for (const cut of [0, 7, 16, 28]) {
      const found = readTfjsWeights(model(), shards(cut));
      expect(found.get('kernel')).toEqual({ data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] });
      expect(found.get('axis')).toEqual({ data: Int32Array.of(-1), dims: [] });
      expect(found.get('bias')).toEqual({ data: Float32Array.of(5, 6), dims: [2] });
    }
  });

  it.each([
    ['a shard that is missing', model(), new Map([['a', all]]), 'MODEL_FORMAT'],
    ['bytes that are left over', model({ weights: weights.slice(1) }), shards(16), 'MODEL_FORMAT'],
    [
      'bytes that are missing',
      model({ weights: [...weights, { name: 'c', shape: [2 ** 30, 2 ** 30], dtype: 'float32' }] }),
      shards(16),
      'MODEL_FORMAT',
    ],
    ['one name twice', model({ weights: [...weights, weights[0]] }), shards(16), 'MODEL_FORMAT'],
    [
      'quantised weights',
      model({ weights: [{ ...weights[0], quantization: { dtype: 'uint8' } }] }),
      shards(16),
      'MODEL_UNSUPPORTED',
    ],
    [
      'another type',
      model({ weights: [{ ...weights[0], dtype: 'string' }] }),
      shards(16),
      'MODEL_UNSUPPORTED',
    ],
    ['no manifest', { modelTopology: {} }, shards(16), 'MODEL_FORMAT'],
  ])('refuses %s', (_, json, parts, code) => {
    expect(() => readTfjsWeights(json, parts)).toThrow(expect.objectContaining({ code }));
  });

  it('throws nothing but CraftError, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        try {
          readTfjsWeights(json, shards(16));
        } catch (error) {
          expect(error).toBeInstanceOf(CraftError);
        }
      }),
    );
  });
});
