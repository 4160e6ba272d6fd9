import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { deviation } from '../../../test/math/matrices.ts';
import { random } from '../../tensor/random.ts';
import { pace } from '../pace.ts';
import { addTransposeTimes, gramOfRows, times, timesTranspose, transpose } from '../products.ts';
import { endIdle } from './crew.ts';
import { Engine } from './engine.ts';
import { cutRows, roundUp, rowsOf, streamedPanels } from './panels.ts';

afterAll(endIdle);

const shape = fc.record({
  n: fc.integer({ min: 1, max: 110 }), // blocks of 48, odd rows
  p: fc.integer({ min: 1, max: 600 }), // segments of 512, any padding
  r: fc.integer({ min: 1, max: 21 }), // every tile
  seed: fc.nat(1000),
});

function floats(count: number, seed: number): Float32Array {
  const rng = random(seed);
  return Float32Array.from({ length: count }, () => rng.uniform() - 0.4);
}

/** Places X [m, k] with rows `stride` apart. */
function put(engine: Engine, X: Float32Array, m: number, k: number, stride: number): number {
  const at = engine.place(m * stride * 4);
  const view = engine.f32(at, m * stride);
  for (let i = 0; i < m; i++) view.set(X.subarray(i * k, (i + 1) * k), i * stride);
  return at;
}

// products of float32 in float32 lanes over up to 128 terms, then float64: a few 2⁻²⁴ of the largest value
const FLOAT32 = 4e-6;

describe('kernels against float64 products', () => {
  it('A Qᵀ, its product with A, and its Gram matrix, for any shape', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ n, p, r, seed }) => {
        const engine = await Engine.open(1);
        const [A, Q] = [floats(n * p, seed), floats(r * p, seed + 1)];
        const width = roundUp(p, 16);
        const stride = width + 16;
        const q = put(engine, Q, r, p, stride);
        const packed = engine.place(r * width * 4);
        engine.kernels.pack(q, stride, r, width, packed);
        const y = engine.place(n * (r + 3) * 4);
        const [z, k] = [engine.place(r * width * 8), engine.place(r * r * 8)];
        const a = put(engine, A, n, p, stride);
        const scratch = engine.scratch(r * 1000 + 1024);
        engine.kernels.sketchPass(a, stride, n, width, packed, r, y, r + 3, z, k, scratch);

        const [exactA, exactQ] = [Float64Array.from(A), Float64Array.from(Q)];
        const Y = new Float64Array(n * r);
        timesTranspose(exactA, n, exactQ, r, p, Y);
        const view = engine.f32(y, n * (r + 3));
        const got = Y.map((_, at) => view[Math.floor(at / r) * (r + 3) + (at % r)]);
        expect(deviation(got, Y)).toBeLessThan(FLOAT32);
        const Z = new Float64Array(r * p);
        addTransposeTimes(Y, n, r, exactA, p, Z);
        const gotZ = Z.map((_, at) => engine.f64(z, r * width)[Math.floor(at / p) * width + (at % p)]);
        expect(deviation(gotZ, Z)).toBeLessThan(FLOAT32 * 10); // Y is rounded too
        const K = gramOfRows(transpose(Y, n, r), r, n);
        expect(deviation(engine.f64(k, r * r), K)).toBeLessThan(FLOAT32 * 10);
        engine.close();
      }),
    );
  });

  it('residual and summary', async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ n, p, r, seed }) => {
        const engine = await Engine.open(1);
        const cut = cutRows(n, p);
        const [A, U, W] = [floats(n * p, seed), floats(n * r, seed + 1), floats(r * p, seed + 2)];
        const a = put(engine, A, n, p, cut.stride);
        const w = put(engine, W, r, p, cut.stride);
        const Ut = Float32Array.from(transpose(Float64Array.from(U), n, r));
        const u = put(engine, Ut, r, n, cut.chunkRows);
        const square = engine.kernels.residualPass(
          ...[a, cut.stride, n, cut.width, w, cut.stride, r, u, cut.chunkRows, 0],
        );
        const fit = new Float64Array(n * p);
        times(Float64Array.from(U), n, Float64Array.from(W), r, p, fit);
        const expected = fit.reduce((sum, v, k) => sum + (A[k] - v) ** 2, 0);
        expect(Math.abs(square / expected - 1)).toBeLessThan(1e-5); // each residual is rounded to float32

        const out = engine.place(r * cut.width * 8);
        const summary = engine.place(32);
        engine.kernels.foldPass(a, cut.stride, n, cut.width, r, out, 0, seed, summary, 0);
        const [sum, squares, least, largest] = engine.f64(summary, 4);
        expect(sum).toBeCloseTo(
          A.reduce((s, v) => s + v, 0),
          8,
        );
        expect(squares).toBeCloseTo(
          A.reduce((s, v) => s + v * v, 0),
          8,
        );
        expect([least, largest]).toEqual([Math.min(0, ...A), Math.max(0, ...A)]);
        // the signs cancel in no column: ‖S A‖² = ‖A‖² + cross terms, and every row is in one row of S A
        const folded = engine.f64(out, r * cut.width);
        if (n === 1)
          expect(
            deviation(
              folded
                .map(Math.abs)
                .filter((v) => v > 0)
                .sort(),
              A.map(Math.abs)
                .filter((v) => v > 0)
                .sort(),
            ),
          ).toBe(0);
        engine.close();
      }),
    );
  });
});

describe('Engine', () => {
  it('gives zeroed places, also in a memory that served before', async () => {
    const first = await Engine.open(1);
    first.f32(first.place(4000), 1000).fill(7);
    first.close();
    const second = await Engine.open(1);
    expect(second).toBe(first);
    expect(second.f32(second.place(8000), 2000).every((v) => v === 0)).toBe(true);
    second.close();
  });

  it('says so when the memory cannot grow', async () => {
    const engine = await Engine.open(1);
    expect(() => engine.place(2 ** 33)).toThrow(
      expect.objectContaining({ code: 'RUNTIME', message: expect.stringMatching(/MiB/) }),
    );
  });

  it('makes every call once, with threads, and returns the values in order', async () => {
    const engine = await Engine.open(3);
    expect(engine.threads).toBe(3);
    const [x, y] = [engine.place(64), engine.place(64)];
    engine.f32(x, 16).set(Float32Array.from({ length: 16 }, (_, k) => k));
    engine.f64(y, 8).fill(1);
    engine.scratch(64);
    // ⟨x, y⟩ of 1 … 400 rows of 0 elements is 0; of one row of 4: 0 + 1 + 2 + 3
    const calls = Array.from({ length: 400 }, (_, k) => [x, 4, y, 4, 1, k % 2 ? 4 : 0]);
    for (let round = 0; round < 5; round++) {
      const values = await engine.run('inner', calls, pace('test'));
      expect(values).toEqual(Float64Array.from({ length: 400 }, (_, k) => (k % 2 ? 6 : 0)));
      await new Promise((resolve) => setTimeout(resolve, 20)); // the threads become ready
    }
    engine.close();
  });

  it('reaches memory that grew after the threads were hired', async () => {
    const engine = await Engine.open(3);
    engine.scratch(4096);
    for (let round = 0; round < 30; round++) {
      const calls = Array.from({ length: 40 }, () => {
        const [a, u, m, h] = [engine.place(16384), engine.place(64), engine.place(128), engine.place(8)];
        engine.f32(a, 16).fill(1);
        engine.f32(u, 4).fill(2);
        return [a, 16, 1, 16, 1, u, 4, m, h]; // fills m and h first, which asks for the size of the memory
      });
      await engine.run('outerPass', calls, pace('test'));
      for (const [, , , , , , , m] of calls) expect(engine.f64(m, 16)).toEqual(new Float64Array(16).fill(2));
    }
    engine.close();
  });

  it('stops between calls when aborted, and can be used again', async () => {
    const engine = await Engine.open(2);
    engine.scratch(64);
    const controller = new AbortController();
    const turn = pace('test', controller.signal);
    controller.abort();
    const calls = Array.from({ length: 50 }, () => [0, 0, 0, 0, 0, 0]);
    await expect(engine.run('inner', calls, turn)).rejects.toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    );
    expect(await engine.run('inner', calls, pace('test'))).toHaveLength(50);
    engine.close();
  });
});

describe('streamedPanels', () => {
  it('cuts any chunks of a source into the same panels', async () => {
    const [n, p] = [1000, 700];
    const data = floats(n * p, 3);
    const cut = cutRows(n, p, 2 ** 16);
    expect(cut.chunks).toBeGreaterThan(5);
    const seen: number[][] = [];
    for (const size of [1, 77, 1000]) {
      const engine = await Engine.open(1);
      const rows = function* () {
        for (let i = 0; i < n; i += size) {
          yield { data: data.subarray(i * p, Math.min(n, i + size) * p), dims: [Math.min(size, n - i), p] };
        }
      };
      for (const groupSize of [1, 3, 99]) {
        const sums: number[] = [];
        for await (const { first, addresses } of streamedPanels(engine, cut, rows, groupSize).groups()) {
          addresses.forEach((address, k) => {
            const panel = engine.f32(address, rowsOf(cut, first + k) * cut.stride);
            sums.push(panel.reduce((sum, v, at) => sum + v * ((at % 13) + 1), 0));
          });
        }
        seen.push(sums);
      }
      engine.close();
    }
    for (const sums of seen) expect(sums).toEqual(seen[0]);
    expect(seen[0]).toHaveLength(cut.chunks);
  });
});
