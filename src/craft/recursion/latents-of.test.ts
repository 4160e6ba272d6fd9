import { expect, it } from 'vitest';
import { makeImages, twoInOne } from '../../../test/recursion/two-in-one.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { ActivationSpace, type Activations } from '../activation-store.ts';
import { Craft } from '../craft.ts';
import type { RowOrigin } from './encode-rows.ts';
import { RandomRows } from './random-rows.ts';

/** Images as a folder gives them: by key, read on demand. */
function keyed({ data, dims: [N, ...dims] }: Tensor<Float32Array>) {
  const size = data.length / N;
  const read = async (places: readonly number[]): Promise<Tensor<Float32Array>> => ({
    data: Float32Array.from(places.flatMap((n) => [...data.subarray(n * size, (n + 1) * size)])),
    dims: [places.length, ...dims],
  });
  const all = Array.from({ length: N }, (_, n) => n);
  return {
    async *[Symbol.asyncIterator]() {
      yield await read(all);
    },
    async *keyedBatches() {
      yield { keys: all.map((n) => `image ${n}`), dims, read };
    },
  };
}

it('runs g of the earlier layer on no crop twice, whatever concept or run asks for it', async () => {
  const { images } = makeImages(8, { noise: 0.05 });
  const kept = new Map<string, Activations>();
  const store = {
    has: async (key: string) => kept.has(key),
    get: async (key: string) => kept.get(key) ?? null,
    put: async (key: string, entry: Activations) => void kept.set(key, entry),
  };
  let runs = 0;
  const open = async () => {
    const options = twoInOne(1, (layer, inputs) => {
      if (layer === 'pixels') runs += inputs;
    });
    const space = await ActivationSpace.of(store, 'merged');
    const at = async (layer: string) => ({
      ...(await options.at!(layer)),
      activations: await ActivationSpace.of(store, layer),
    });
    const craft = new Craft({ ...options, at, activations: space });
    await craft.fit(keyed(images));
    return craft;
  };
  const craft = await open();
  const both = [await craft.examine(0, { percentile: 50 }), await craft.examine(1, { percentile: 50 })];
  const origin = {
    inputs: images,
    sources: Array.from({ length: 8 * 36 }),
    grid: null,
  } as unknown as RowOrigin;
  const drawn = new RandomRows(origin, craft.options.seed).rows;
  const crops = new Set([...both.flatMap(({ rows }) => rows.rows), ...drawn]);
  expect(runs).toBe(crops.size);
  const again = await open();
  const child = await again.decompose(0, { percentile: 50 });
  expect(runs).toBe(crops.size);
  expect(child.decomposition!.U.dims[0]).toBe(both[0].rows.rows.length);

  // the same numbers as without a store
  const plain = new Craft(twoInOne());
  await plain.fit(images);
  const other = await plain.decompose(0, { percentile: 50 });
  expect(other.decomposition!.W).toEqual(child.decomposition!.W);
});
