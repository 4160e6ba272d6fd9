import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { deviation } from '../../../test/math/matrices.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { nmf } from '../nmf.ts';
import { pace } from '../pace.ts';
import { addTransposeTimes, gramOfRows, timesTranspose, transpose } from '../products.ts';
import { endIdle } from './crew.ts';
import { Engine } from './engine.ts';
import { cutRows, roundUp, streamedPanels } from './panels.ts';
import { looksSparse, packedBytes, packFor, sparsePanels, sparseScratch } from './sparse-panels.ts';

afterAll(endIdle);

/** [n, p], `share` of it not 0, some rows and columns empty. */
function sparse(n: number, p: number, share: number, seed: number): Float32Array {
  const rng = random(seed);
  const row = Array.from({ length: n }, () => rng.uniform() < 0.9);
  const column = Array.from({ length: p }, () => rng.uniform() < 0.9);
  return Float32Array.from({ length: n * p }, (_, k) =>
    row[Math.floor(k / p)] && column[k % p] && rng.uniform() < share ? rng.uniform() : 0,
  );
}

async function panelsOf(engine: Engine, data: Float32Array, n: number, p: number, groupSize = 1) {
  const dense = streamedPanels(engine, cutRows(n, p), () => [{ data, dims: [n, p] }], groupSize);
  return sparsePanels(engine, dense, pace('test'));
}

// float32 sums of up to 512 terms in a lane or two, then float64: some 2⁻²⁴ of the largest value
const FLOAT32 = 8e-6;

describe('chunks without zeros', () => {
  it('give A Qᵀ, its product with A and its Gram matrix as float64 products do, for any shape', async () => {
    const shape = fc.record({
      n: fc.integer({ min: 1, max: 110 }), // blocks of 48
      p: fc.integer({ min: 1, max: 1300 }), // more than a segment of 512 elements
      r: fc.integer({ min: 1, max: 70 }), // every width of lanes, one group and several
      share: fc.constantFrom(0, 0.05, 0.4, 1),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ n, p, r, share, seed }) => {
        const engine = await Engine.open(1);
        const A = sparse(n, p, share, seed);
        const Q = sparse(r, p, 0.8, seed + 1);
        const panels = await panelsOf(engine, A, n, p);
        const { width, stride } = panels;
        const q = engine.place(r * stride * 4);
        for (let t = 0; t < r; t++) engine.f32(q + t * stride * 4, p).set(Q.subarray(t * p, (t + 1) * p));
        const packed = engine.place(packedBytes(panels, r));
        packFor(engine, panels, q, r, packed);
        const y = engine.place(n * r * 4);
        const [z, k] = [engine.place(r * width * 8), engine.place(r * r * 8)];
        const scratch = engine.scratch(r * 1000 + 1024 + sparseScratch(panels, r));
        for await (const { addresses } of panels.groups()) {
          expect(addresses).toHaveLength(1);
          engine.kernels.sketchPass(addresses[0], 0, n, width, packed, r, y, r, z, k, scratch);
        }
        const [exactA, exactQ] = [Float64Array.from(A), Float64Array.from(Q)];
        const Y = new Float64Array(n * r);
        timesTranspose(exactA, n, exactQ, r, p, Y);
        expect(deviation(engine.f32(y, n * r), Y)).toBeLessThan(FLOAT32);
        const Z = new Float64Array(r * p);
        addTransposeTimes(Y, n, r, exactA, p, Z);
        const gotZ = Z.map((_, at) => engine.f64(z, r * width)[Math.floor(at / p) * width + (at % p)]);
        expect(deviation(gotZ, Z)).toBeLessThan(FLOAT32 * 10); // Y is rounded too
        const K = gramOfRows(transpose(Y, n, r), r, n);
        expect(deviation(engine.f64(k, r * r), K)).toBeLessThan(FLOAT32 * 10);
        engine.close();
      }),
      { numRuns: 60 },
    );
  });

  it('say of A what chunks with zeros say', async () => {
    const [n, p, l] = [97, 130, 7];
    const A = sparse(n, p, 0.3, 5);
    A[3 * p + 7] = -2;
    const engine = await Engine.open(1);
    const width = roundUp(p, 16);
    const dense = streamedPanels(engine, cutRows(n, p), () => [{ data: A, dims: [n, p] }], 1);
    const panels = await sparsePanels(engine, dense, pace('test'));
    const results: Float64Array[] = [];
    for (const { ld, groups } of [dense, panels]) {
      const [z, summary] = [engine.place(l * width * 8), engine.place(32)];
      for await (const { addresses } of groups()) {
        engine.kernels.foldPass(addresses[0], ld, n, width, l, z, 0, 9, summary, 0);
      }
      results.push(Float64Array.of(...engine.f64(summary, 4), ...engine.f64(z, l * width)));
    }
    expect(deviation(results[1], results[0])).toBeLessThan(1e-12); // float64 sums in another order
    engine.close();
  });
});

describe('looksSparse', () => {
  it('tells by the share of zeros, not by where they are', () => {
    expect(looksSparse(sparse(300, 200, 0.3, 1), 200)).toBe(true);
    expect(looksSparse(sparse(300, 200, 0.95, 1), 200)).toBe(false);
    const striped = Float32Array.from({ length: 60000 }, (_, k) => (k % 2 ? 1 : 0));
    expect(looksSparse(striped, 200)).toBe(false);
    expect(looksSparse(new Float32Array(70000), 70000)).toBe(false); // columns beyond 16 bits
  });
});

describe('nmf of a sparse matrix', () => {
  const [n, p, rank] = [900, 300, 6];
  const data = sparse(n, p, 0.25, 11);
  const A: Tensor<Float32Array> = { data, dims: [n, p] };

  it('has the same bits on any number of threads', async () => {
    const fits = await Promise.all([1, 2, 3].map((threads) => nmf(A, { rank, threads, seed: 3 })));
    for (const { U, W } of fits) {
      expect(U.data).toEqual(fits[0].U.data);
      expect(W.data).toEqual(fits[0].W.data);
    }
  });

  it('ends as near as with the zeros in', async () => {
    const without = await nmf(A, { rank, seed: 3 });
    const withZeros = await nmf(A, { rank, seed: 3, memory: 2 ** 30 }); // bounded: read as it is
    // the sums round differently; no structure at all here: another of many equal minima may be reached
    expect(Math.abs(without.loss / withZeros.loss - 1)).toBeLessThan(2e-3);
  });

  it('refuses what is no number, or below 0', async () => {
    for (const value of [Number.NaN, -1, Infinity]) {
      const bad = Float32Array.from(data);
      bad[1234] = value;
      await expect(nmf({ data: bad, dims: [n, p] }, { rank })).rejects.toThrow(
        expect.objectContaining({ code: 'VALUE' }),
      );
    }
  });
});
