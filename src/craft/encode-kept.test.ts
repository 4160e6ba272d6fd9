import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { KeyedBatch } from '../inputs/keyed-batch.ts';
import { random } from '../tensor/random.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import {
  ActivationSpace,
  type ActivationStore,
  type Activations,
  type KeyedInputs,
} from './activation-store.ts';
import type { InputBatch } from './batches.ts';
import { Craft } from './craft.ts';
import type { CraftOptions } from './options.ts';

const COUNT = 7;
const DIMS = [3, 12, 20];
const SIZE = sizeOf(DIMS);
const BOXES = 2 * 4; // ⌊(12−6)/4⌋+1 rows of ⌊(20−6)/4⌋+1 crops
const options = { numberOfConcepts: 3, patchSize: 6, batchSize: 5, seed: 3 };

const rng = random(1);
const pixels = Float32Array.from({ length: COUNT * SIZE }, () => rng.uniform());

/** A store that copies, as one on disk does. */
class MemoryStore implements ActivationStore {
  readonly entries = new Map<string, Activations>();
  has = async (key: string) => this.entries.has(key);
  get = async (key: string) => structuredClone(this.entries.get(key) ?? null) as Activations | null;
  put = async (key: string, entry: Activations) => {
    this.entries.set(key, structuredClone(entry) as Activations);
  };
}

/** Images in batches of three, with how many were read. */
class Source implements KeyedInputs {
  read = 0;
  async *[Symbol.asyncIterator](): AsyncGenerator<InputBatch> {
    for await (const batch of this.keyedBatches()) yield batch.read([...batch.keys.keys()]);
  }
  async *keyedBatches(): AsyncGenerator<KeyedBatch> {
    for (let first = 0; first < COUNT; first += 3) {
      const count = Math.min(3, COUNT - first);
      yield {
        keys: Array.from({ length: count }, (_, k) => `image ${first + k}`),
        dims: DIMS,
        read: async (places) => {
          this.read += places.length;
          const data = new Float32Array(places.length * SIZE);
          places.forEach((place, k) => {
            const from = (first + place) * SIZE;
            data.set(pixels.subarray(from, from + SIZE), k * SIZE);
          });
          return { data, dims: [places.length, ...DIMS] };
        },
      };
    }
  }
}

/** g: means of 2×2 blocks; counts the inputs that it ran on. h: a sum with a bend in it. */
function model() {
  const g = vi.fn(({ data, dims: [N, C, H, W] }: Tensor) => {
    const out = new Float32Array(data.length / 4);
    for (let k = 0; k < out.length; k++) {
      const x = k % (W / 2);
      const y = Math.floor(k / (W / 2)) % (H / 2);
      const plane = Math.floor(k / ((W / 2) * (H / 2)));
      const at = (plane * H + 2 * y) * W + 2 * x;
      out[k] = (data[at] + data[at + 1] + data[at + W] + data[at + W + 1]) / 4;
    }
    return { data: out, dims: [N, C, H / 2, W / 2] };
  });
  const runs = () => g.mock.calls.reduce((sum, [batch]) => sum + batch.dims[0], 0);
  const latentToLogit = ({ data, dims: [N] }: Tensor) => {
    const size = data.length / N;
    const score = (n: number) =>
      Float32Array.from(data.subarray(n * size, (n + 1) * size)).reduce((s, v, k) => s + v * (k % 5), 0);
    return { data: Float32Array.from({ length: N }, (_, n) => Math.tanh(score(n) / 100)), dims: [N, 1] };
  };
  return { g, runs, inputToLatent: (batch: InputBatch) => g(batch as Tensor), latentToLogit };
}

const spaceIn = (store: ActivationStore, facts: unknown = 'model') => ActivationSpace.of(store, facts);

/** Fit, transform and importance of the images, with what they cost. */
async function run(store: ActivationStore | null, more: Partial<CraftOptions> = {}, facts?: unknown) {
  const { runs, inputToLatent, latentToLogit } = model();
  const activations = store && (await spaceIn(store, facts));
  const source = new Source();
  const craft = new Craft({ ...options, inputToLatent, latentToLogit, activations, ...more });
  const progress: number[] = [];
  const fit = await craft.fit(source, {
    onProgress: ({ stage, done }) => stage === 'encode' && progress.push(done),
  });
  const U = await craft.transform(source);
  const importance = await craft.estimateImportance(source, { classId: 0, nbDesign: 4 });
  const kept = activations?.kept ?? 0;
  return { result: { fit, U, importance }, runs: runs(), read: source.read, kept, progress };
}

describe('activations that are kept', () => {
  it('give the same bits as none, at first and after, and g runs once', async () => {
    const store = new MemoryStore();
    const without = await run(null);
    const first = await run(store);
    const second = await run(store);
    expect(first.result).toEqual(without.result);
    expect(second.result).toEqual(without.result);
    const all = COUNT * (BOXES + 1);
    expect([without.runs, first.runs, second.runs]).toEqual([all, all, 0]);
    expect([first.kept, second.kept]).toEqual([0, all]);
    expect(second.read).toBe(0);
    expect(first.progress.at(-1)).toBe(COUNT);
    expect(first.progress).toEqual([...first.progress].sort((a, b) => a - b));
  });

  it('serve another number of concepts, seed, factorizer and class', async () => {
    const store = new MemoryStore();
    await run(store);
    const more = { numberOfConcepts: 5, seed: 9, factorizer: 'semi-nmf' as const };
    const other = await run(store, more);
    expect(other.runs).toBe(0);
    expect(other.result).toEqual((await run(null, more)).result);
  });

  it.each([{ patchSize: 5 }, { reads: 'prefix' as const }])(
    'of crops are others for %o, and of images the same',
    async (more) => {
      const store = new MemoryStore();
      await run(store);
      const other = await run(store, more);
      expect(other.runs).toBe(other.result.fit.crops.length);
      expect(other.result).toEqual((await run(null, more)).result);
    },
  );

  it('are none of another model, layer or engine', async () => {
    const store = new MemoryStore();
    await run(store, {}, { model: 'a', layer: 'x' });
    expect((await run(store, {}, { model: 'a', layer: 'y' })).kept).toBe(0);
    expect((await run(store, {}, { model: 'a', layer: 'x' })).runs).toBe(0);
  });

  it('are made again where any are missing, no others', async () => {
    const full = new MemoryStore();
    const { result } = await run(full);
    const keys = [...full.entries.keys()];
    await fc.assert(
      fc.asyncProperty(fc.subarray(keys), async (missing) => {
        const store = new MemoryStore();
        for (const [key, entry] of full.entries) if (!missing.includes(key)) store.entries.set(key, entry);
        const crops = missing.filter((key) => full.entries.get(key)?.rows).length;
        const again = await run(store);
        expect(again.runs).toBe(crops * BOXES + missing.length - crops);
        expect(again.result).toEqual(result);
        expect(store.entries.size).toBe(full.entries.size);
      }),
      { numRuns: 20 }, // each is three passes of a fit
    );
  });

  it('serve dense rows, and the rows of a second source of the same images', async () => {
    const store = new MemoryStore();
    const dense = { rows: 'dense' as const };
    const first = await run(store, dense);
    expect(first.runs).toBe(COUNT);
    const second = await run(store, dense);
    expect(second.runs).toBe(0);
    expect(second.result).toEqual((await run(null, dense)).result);
  });

  it('are what is left by a run that fails in the middle: one batch is lost at most', async () => {
    for (const failAt of [1, 2, 5, 9, 12]) {
      const store = new MemoryStore();
      const { g, runs } = model();
      let calls = 0;
      const broken = (batch: InputBatch) => {
        if (++calls === failAt) throw new Error('killed');
        return g(batch as Tensor);
      };
      await expect(run(store, { inputToLatent: broken })).rejects.toThrow('killed');
      const before = runs();
      const again = await run(store);
      // of crops, an image's are kept together: those of one that was not complete go as well
      const lost = before + again.runs - COUNT * (BOXES + 1);
      expect(lost).toBeLessThan(BOXES);
      expect(again.result).toEqual((await run(null)).result);
    }
  });

  it('are kept up to the batch in which a run is stopped', async () => {
    const store = new MemoryStore();
    const controller = new AbortController();
    const { inputToLatent, runs } = model();
    const craft = new Craft({ ...options, inputToLatent, activations: await spaceIn(store) });
    const stopped = craft.fit(new Source(), {
      signal: controller.signal,
      onProgress: ({ done }) => done >= 3 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(store.entries.size).toBe(3);
    expect(runs()).toBe(3 * BOXES);
  });

  it('that do not fit are made again: other dims, other names, other types', async () => {
    const store = new MemoryStore();
    const { result } = await run(store);
    const keys = [...store.entries.keys()];
    const odd: Activations[] = [
      {},
      {
        rows: { data: new Float32Array(6), dims: [2, 3] },
        latentDims: { data: Int32Array.of(3), dims: [1] },
      },
      { rows: { data: new Float32Array(BOXES * 3), dims: [BOXES, 3] } },
      { latent: { data: new Float64Array(3 * 60), dims: [3, 6, 10] } },
      { latent: { data: new Float32Array(1), dims: [] } },
    ];
    for (const [k, entry] of odd.entries()) {
      store.entries.set(keys[k], entry);
      store.entries.set(keys[keys.length - 1 - k], entry);
    }
    expect((await run(store)).result).toEqual(result);
  });

  it('of a shape that g would not give are refused', async () => {
    const store = new MemoryStore();
    await run(store);
    const [key] = [...store.entries].find(([, { latent }]) => latent) as [string, Activations];
    store.entries.set(key, { latent: { data: new Float32Array(12), dims: [3, 2, 2] } });
    await expect(run(store)).rejects.toMatchObject({ code: 'SHAPE' });
  });

  it('are not asked for where inputs have no keys', async () => {
    const store = new MemoryStore();
    const { inputToLatent } = model();
    const craft = new Craft({ ...options, inputToLatent, activations: await spaceIn(store) });
    await craft.fit({ data: pixels, dims: [COUNT, ...DIMS] });
    expect(store.entries.size).toBe(0);
  });
});
