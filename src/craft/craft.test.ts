import { describe, expect, it, vi } from 'vitest';
import type { CraftError } from '../errors.ts';
import { random } from '../tensor/random.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { InputBatch } from './batches.ts';
import { Craft } from './craft.ts';
import type { CraftOptions } from './options.ts';

const uniform = (dims: readonly number[], seed = 1): Tensor<Float32Array> => {
  const rng = random(seed);
  return { data: Float32Array.from({ length: sizeOf(dims) }, () => rng.uniform()), dims };
};

/** g: mean over 2×2 blocks of each channel; keeps the layout. h: a weighted sum over everything, so affine. */
function blocks(layout: 'NCHW' | 'NHWC'): Pick<CraftOptions, 'inputToLatent' | 'latentToLogit'> {
  return {
    inputToLatent(batch: InputBatch) {
      const { data, dims } = batch as Tensor;
      const [N, C, H, W] = layout === 'NCHW' ? dims : [dims[0], dims[3], dims[1], dims[2]];
      const at = (n: number, c: number, y: number, x: number) =>
        layout === 'NCHW' ? data[((n * C + c) * H + y) * W + x] : data[((n * H + y) * W + x) * C + c];
      const [h, w] = [H >> 1, W >> 1];
      const out = new Float32Array(N * C * h * w);
      let k = 0;
      const put = (n: number, c: number, y: number, x: number) => {
        let sum = 0;
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ])
          sum += at(n, c, 2 * y + dy, 2 * x + dx);
        out[k++] = sum / 4;
      };
      for (let n = 0; n < N; n++) {
        if (layout === 'NCHW')
          for (let c = 0; c < C; c++) for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) put(n, c, y, x);
        else
          for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let c = 0; c < C; c++) put(n, c, y, x);
      }
      return { data: out, dims: layout === 'NCHW' ? [N, C, h, w] : [N, h, w, C] };
    },
    async latentToLogit({ data, dims }: Tensor) {
      const C = layout === 'NCHW' ? dims[1] : dims[3];
      const size = data.length / dims[0];
      const area = size / C;
      const logits = new Float32Array(dims[0] * 2);
      data.forEach((v, k) => {
        const c = layout === 'NCHW' ? Math.floor((k % size) / area) : k % C;
        logits[2 * Math.floor(k / size)] += v * (c + 1);
        logits[2 * Math.floor(k / size) + 1] -= v;
      });
      return { data: logits, dims: [dims[0], 2] };
    },
  };
}

const toNHWC = ({ data, dims: [N, C, H, W] }: Tensor<Float32Array>): Tensor<Float32Array> => {
  const out = new Float32Array(data.length);
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < H * W; i++) out[(n * H * W + i) * C + c] = data[(n * C + c) * H * W + i];
  return { data: out, dims: [N, H, W, C] };
};

describe('Craft on images', () => {
  // five channels, and not square: what the reference gets silently wrong
  const images = uniform([6, 5, 12, 20]);
  const options = { numberOfConcepts: 3, patchSize: 6, batchSize: 4, seed: 3 };

  it('works the same for NCHW and NHWC', async () => {
    const first = new Craft({ ...blocks('NCHW'), ...options });
    const last = new Craft({ ...blocks('NHWC'), ...options, inputLayout: 'NHWC', latentLayout: 'NHWC' });
    const a = await first.fit(images);
    const nhwc = toNHWC(images);
    const b = await last.fit(nhwc);
    expect(a.crops).toHaveLength(6 * 2 * 4); // ⌊(12−6)/4⌋+1 rows of ⌊(20−6)/4⌋+1 crops
    expect(b.crops).toEqual(a.crops);
    expect(b.W.data).toEqual(a.W.data);
    const U = await first.transform(images);
    expect(U.dims).toEqual([6, 6, 10, 3]);
    expect(await last.transform(nhwc)).toEqual(U);
    const ia = await first.estimateImportance(images, { classId: 0, nbDesign: 8 });
    const ib = await last.estimateImportance(nhwc, { classId: 0, nbDesign: 8 });
    // the two heads sum in another order
    ib.total.forEach((s, i) => {
      expect(s).toBeCloseTo(ia.total[i], 4);
    });
  });

  it('runs g once on a crop and once on an image, over all methods', async () => {
    const parts = blocks('NCHW');
    const g = vi.spyOn(parts, 'inputToLatent');
    const craft = new Craft({ ...options, ...parts });
    await craft.fit(images);
    await craft.transform(images);
    await craft.estimateImportance(images, { classId: 1, nbDesign: 4 });
    await craft.attributionMaps(images, { method: 'latent' });
    await craft.reconstruct(images);
    const seen = g.mock.calls.reduce((sum, [batch]) => sum + (batch as Tensor).dims[0], 0);
    expect(seen).toBe(6 * 8 + 6);
  });

  it('encodes again when the data of a tensor has changed', async () => {
    const craft = new Craft({ ...blocks('NCHW'), ...options });
    const own = { data: images.data.slice(), dims: images.dims };
    await craft.fit(own);
    const before = await craft.transform(own);
    own.data.fill(0);
    const after = await craft.transform(own);
    expect(after.data.every((u) => u === 0)).toBe(true);
    expect(before.data.some((u) => u > 0)).toBe(true);
  });

  it('gives the same bits for one tensor and for batches, and for one seed', async () => {
    const batches = {
      async *[Symbol.asyncIterator]() {
        for (const n of [0, 4])
          yield {
            data: images.data.subarray(n * 1200, Math.min(n + 4, 6) * 1200),
            dims: [Math.min(4, 6 - n), 5, 12, 20],
          };
      },
    };
    const a = await new Craft({ ...blocks('NCHW'), ...options }).fit(images);
    const b = await new Craft({ ...blocks('NCHW'), ...options }).fit(batches);
    expect(b.W.data).toEqual(a.W.data);
    expect(b.U.data).toEqual(a.U.data);
  });

  it('factorises every location in dense mode', async () => {
    const craft = new Craft({ ...blocks('NCHW'), ...options, rows: 'dense' });
    const fit = await craft.fit(images);
    expect(fit.U.dims).toEqual([6 * 6 * 10, 3]);
    expect(fit.crops[61]).toEqual({ input: 1, box: null, location: 1 });
    expect(fit.grid).toEqual([6, 10]);
  });

  it('maps concepts to the size of the image, in units of u', async () => {
    const craft = new Craft({ ...blocks('NCHW'), ...options });
    await craft.fit(images);
    const maps = await craft.attributionMaps(images, { method: 'latent', concepts: [2, 0] });
    expect(maps.dims).toEqual([6, 2, 12, 20]);
    const U = await craft.transform(images);
    const most = (data: Float32Array) => data.reduce((m, v) => Math.max(m, v), 0);
    expect(most(maps.data)).toBeLessThanOrEqual(most(U.data)); // interpolation adds nothing
  });
});

describe('Craft on tokens', () => {
  // one token before a grid of 2×2; a concept of the first channel is only there
  const tokens = uniform([8, 5, 6], 5);
  const identity = {
    inputToLatent: (batch: InputBatch) => batch as Tensor,
    latentLayout: 'NTC' as const,
    prefixTokens: 1,
  };

  it('keeps the tokens before the grid out of rows and maps, and in h', async () => {
    const shapes: number[][] = [];
    const craft = new Craft({
      ...identity,
      numberOfConcepts: 2,
      rows: 'dense',
      latentToLogit(latent) {
        shapes.push([...latent.dims.slice(1)]);
        return {
          data: Float32Array.from({ length: latent.dims[0] }, (_, n) => latent.data[n * 30]),
          dims: [latent.dims[0], 1],
        };
      },
    });
    const fit = await craft.fit(tokens);
    expect(fit.U.dims).toEqual([8 * 4, 2]);
    expect((await craft.transform(tokens)).dims).toEqual([8, 2, 2, 2]);
    const { total } = await craft.estimateImportance(tokens, { classId: 0, nbDesign: 8 });
    expect(shapes.every(([T, p]) => T === 5 && p === 6)).toBe(true);
    expect(total.some((s) => s > 0)).toBe(true); // h reads the token before the grid only
  });

  it('takes the row that the head reads', async () => {
    const first = Float32Array.from(
      { length: 8 * 6 },
      (_, k) => tokens.data[Math.floor(k / 6) * 30 + (k % 6)],
    );
    const read = await new Craft({ ...identity, reads: 'prefix', numberOfConcepts: 2 }).fit(tokens);
    const direct = await new Craft({ ...identity, numberOfConcepts: 2 }).fit({ data: first, dims: [8, 6] });
    expect(read.W.data).toEqual(direct.W.data);
    expect(read.U.data).toEqual(direct.U.data);
  });
});

describe('Craft on signed activations', () => {
  it('takes Semi-NMF, never a silent ReLU', async () => {
    const A = uniform([40, 6]);
    const signed = { data: A.data.map((v) => v - 0.5), dims: A.dims };
    const craft = new Craft({ inputToLatent: () => A, numberOfConcepts: 3 });
    const fit = await craft.fit(signed);
    expect(fit.method).toBe('semi-nmf');
    expect(fit.W.data.some((w) => w < 0)).toBe(true);
    expect(fit.U.data.every((u) => u >= 0)).toBe(true);
  });

  it('refuses NMF for them and says where', async () => {
    const craft = new Craft({ inputToLatent: () => uniform([1, 1]), numberOfConcepts: 1, factorizer: 'nmf' });
    await expect(craft.fit({ data: Float32Array.of(1, -2), dims: [2, 1] })).rejects.toMatchObject({
      code: 'VALUE',
    });
  });
});

describe('Craft says what is wrong', () => {
  const A = uniform([10, 4]);
  const g = (batch: InputBatch) => batch as Tensor;
  const rejects = async (work: Promise<unknown>, code: CraftError['code'], text: RegExp) => {
    const error = await work.then(
      () => null,
      (e: CraftError) => e,
    );
    expect(error).toMatchObject({ name: 'CraftError', code });
    expect(error?.message).toMatch(text);
  };

  it.each([
    [{ numberOfConcepts: 0 }, /numberOfConcepts: expected a whole number ≥ 1; got 0/],
    [{ patchSize: 2.5 }, /patchSize/],
    [{ rows: 'all' }, /rows: expected one of crops, dense; got all/],
    [{ inputToLatent: undefined }, /inputToLatent: expected a function/],
  ])('%o', (options, text) => {
    expect(() => new Craft({ inputToLatent: g, ...options } as CraftOptions)).toThrow(text);
  });

  it('before a fit', () => rejects(new Craft({ inputToLatent: g }).transform(A), 'STATE', /call fit first/));
  it('without h', async () => {
    const craft = new Craft({ inputToLatent: g, numberOfConcepts: 2 });
    await craft.fit(A);
    await rejects(craft.estimateImportance(A, { classId: 0 }), 'STATE', /latentToLogit/);
  });
  it('for more concepts than rows', () =>
    rejects(new Craft({ inputToLatent: g }).fit(A), 'OPTION', /at most the number of rows, 10; got 20/));
  it('for no inputs', () =>
    rejects(new Craft({ inputToLatent: g }).fit([] as Tensor[]), 'NO_INPUTS', /at least one/));
  it('for a latent that is not finite', () =>
    rejects(
      new Craft({ inputToLatent: () => ({ data: Float32Array.of(Number.NaN), dims: [1, 1] }) }).fit(
        uniform([1, 1, 64, 64]),
      ),
      'VALUE',
      /finite activations; got NaN/,
    ));
  it('for a latent of other inputs', () =>
    rejects(
      new Craft({ inputToLatent: () => A }).fit(uniform([1, 1, 64, 64])),
      'SHAPE',
      /a latent for each of 1 inputs/,
    ));
  it('for a class that h has not', async () => {
    const craft = new Craft({ inputToLatent: g, latentToLogit: (a) => a, numberOfConcepts: 2 });
    await craft.fit(A);
    await rejects(craft.estimateImportance(A, { classId: 4 }), 'CLASS_NOT_FOUND', /from 0 to 3; got 4/);
  });
  it('when it is stopped', async () => {
    const signal = AbortSignal.abort();
    await rejects(
      new Craft({ inputToLatent: g }).fit(uniform([2, 1, 64, 64]), { signal }),
      'ABORTED',
      /stopped/,
    );
  });
});

it('passes constant outputs on as zeros that are counted', async () => {
  const A = uniform([10, 4]);
  const craft = new Craft({
    inputToLatent: (b) => b as Tensor,
    latentToLogit: ({ dims }) => ({ data: new Float32Array(dims[0]).fill(7), dims: [dims[0], 1] }),
    numberOfConcepts: 2,
  });
  await craft.fit(A);
  const { total, degenerate } = await craft.estimateImportance(A, { classId: 0, nbDesign: 4 });
  expect(Array.from(total)).toEqual([0, 0]);
  expect(degenerate).toBe(10);
});
