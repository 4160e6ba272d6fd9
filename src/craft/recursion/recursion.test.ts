import { describe, expect, it } from 'vitest';
import { cosine, DIRECTIONS, makeImages, SIDE, twoInOne } from '../../../test/recursion/two-in-one.ts';
import { type Random, random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Craft, type Fit } from '../craft.ts';
import type { RowSource } from '../row-list.ts';

const rowOf = ({ data, dims: [, p] }: Tensor, i: number): number[] => [...data.subarray(i * p, (i + 1) * p)];

/** The concept of the merged layer that a and b are. */
const mixedOf = ({ W }: Fit): number => [0, 1].find((i) => W.data[2 * i] > W.data[2 * i + 1])!;

/** Bell-shaped in [0, 1]. */
const sumOfFour = (rng: Random): number =>
  (rng.uniform() + rng.uniform() + rng.uniform() + rng.uniform()) / 4;

/** Place in the images' data of the first channel that is not 0 at a crop of one pixel. */
function pixelOf({ input, box }: RowSource, images: Tensor): number {
  const channels = [0, 1, 2, 3, 4, 5].map((c) => ((input * 6 + c) * SIDE + box!.y) * SIDE + box!.x);
  return channels.find((at) => images.data[at] > 0)!;
}

/** For each of the child's concepts the kind that it is nearest to, with the cosine. */
function kindsOf(W: Tensor): { kind: number; cosine: number }[] {
  return Array.from({ length: W.dims[0] }, (_, j) => {
    const cosines = DIRECTIONS.map((direction) => cosine(rowOf(W, j), direction));
    const best = Math.max(...cosines);
    return { kind: cosines.indexOf(best), cosine: best };
  });
}

describe('a concept that two were merged into', () => {
  const { images, kinds } = makeImages(8, { noise: 0.05 });

  it('is found to be mixed, of two, and the two are recovered', async () => {
    const craft = new Craft(twoInOne());
    const fit = await craft.fit(images);
    const examination = await craft.examine(mixedOf(fit));
    expect(examination.verdict).toBe('mixed');
    const { curve, elbow } = examination.best!;
    expect(elbow!.concepts).toBe(2);
    // rows of two directions and 5 % noise: two concepts leave the noise
    expect(curve[1].gain).toBeGreaterThan(0.95);
    expect(curve[1].stability).toBeGreaterThan(0.99);
    // two kinds at a right angle, and noise: far beyond one cluster, and less spread than with the third kind
    const { groups, spread, random } = examination.best!;
    expect(groups!.beyond).toBeGreaterThan(4); // one cluster along one axis gives 2/π ± 0.06
    expect(groups!.explained).toBeGreaterThan(0.95);
    expect(spread).toBeLessThan(random.mean);
    expect(random.least).toBeLessThan(random.mean);

    const child = await craft.decompose(mixedOf(fit), { examination });
    const { W, U, parents, crops, layer } = child.decomposition!;
    expect(layer).toBe('pixels');
    const found = kindsOf(W);
    expect(found.map(({ kind }) => kind).sort()).toEqual([0, 1]);
    for (const { cosine } of found) expect(cosine).toBeGreaterThan(0.99);
    // every row goes to the child of its kind, and says which crop of which parent's row it is
    parents.forEach((row, k) => {
      const { input, box } = crops[k];
      expect({ input, box }).toEqual({ input: fit.crops[row].input, box: fit.crops[row].box });
      const kind = kinds[input * SIDE * SIDE + box!.y * SIDE + box!.x];
      const strongest = U.data[2 * k] > U.data[2 * k + 1] ? 0 : 1;
      expect(found[strongest].kind).toBe(kind);
    });
  });

  it('has shares that are the shares of its crops, as the score is additive and a crop shows one kind', async () => {
    const exact = makeImages(8, { seed: 3 });
    const craft = new Craft(twoInOne());
    const fit = await craft.fit(exact.images);
    const child = await craft.decompose(mixedOf(fit));
    const { total, parts, whole, without, lower, upper } = await child.estimateShares({ classId: 0 });
    const rows = child.decomposition!.crops;
    expect(parts).toBe(Math.min(24, rows.length));
    // closed form: T_j = 1 on a crop of kind j and 0 on the other
    const spread = Array.from({ length: parts }, (_, k) => Math.round((k * (rows.length - 1)) / (parts - 1)));
    const ofKind = (kind: number): number =>
      spread.filter((k) => {
        const { input, box } = rows[k];
        return exact.kinds[input * SIDE * SIDE + box!.y * SIDE + box!.x] === kind;
      }).length / parts;
    kindsOf(child.decomposition!.W).forEach(({ kind }, j) => {
      expect(total[j]).toBeCloseTo(ofKind(kind), 1); // Jansen at N = 32: 0.05 and less on one active concept
      expect(lower[j]).toBeLessThanOrEqual(total[j]);
      expect(upper[j]).toBeGreaterThanOrEqual(total[j]);
    });
    // the two channels of a crop of strength s add up to 2s, its score is 4s; the sub-concepts are all there is of it
    const strengths = spread.map((k) => exact.images.data[pixelOf(rows[k], exact.images)]);
    expect(whole).toBeCloseTo((4 * strengths.reduce((sum, s) => sum + s, 0)) / parts, 4);
    expect(without).toBeCloseTo(0, 2); // the factorisation stops at a relative change of 1e-4
  });

  it('gives the same bits for the same seed', async () => {
    const run = async () => {
      const craft = new Craft({ ...twoInOne(), seed: 7 });
      const fit = await craft.fit(images);
      const child = await craft.decompose(mixedOf(fit));
      const shares = await child.estimateShares({ classId: 0 });
      return { ...child.decomposition!, total: shares.total, lower: shares.lower };
    };
    expect(await run()).toEqual(await run());
  });

  it('runs g of the earlier layer once on every row, over examine, decompose and shares', async () => {
    const runs: Record<string, number> = { merged: 0, pixels: 0 };
    const options = twoInOne(1, (layer, inputs) => {
      runs[layer] += inputs;
    });
    const craft = new Craft(options);
    const fit = await craft.fit(images);
    const before = { ...runs };
    const examination = await craft.examine(mixedOf(fit));
    const child = await craft.decompose(mixedOf(fit), { examination });
    await child.estimateShares({ classId: 0 });
    expect(runs.merged).toBe(before.merged);
    // every row of the concept and every random row; those that are both are run twice
    expect(runs.pixels).toBe(examination.rows.rows.length + 128);
    await craft.examine(1 - mixedOf(fit));
    expect(runs.pixels).toBeLessThan(before.merged); // random rows are not run again
  });

  it('comes apart in dense rows too: all cells of the finer grid in a location of the concept', async () => {
    const craft = new Craft({ ...twoInOne(2), rows: 'dense' });
    const { images } = makeImages(12, { seed: 5, kinds: 3 });
    const fit = await craft.fit(images);
    expect(fit.grid).toEqual([3, 3]);
    const child = await craft.decompose(mixedOf(fit), { numberOfConcepts: 3 });
    const { parents, crops, grid, W } = child.decomposition!;
    expect(grid).toEqual([6, 6]);
    expect(parents).toHaveLength(4 * new Set(parents).size);
    crops.forEach(({ input, location }, k) => {
      const parent = fit.crops[parents[k]];
      expect(input).toBe(parent.input);
      const [y, x] = [Math.floor(location! / 6), location! % 6];
      expect(3 * Math.floor(y / 2) + Math.floor(x / 2)).toBe(parent.location);
    });
    for (const { cosine } of kindsOf(W)) expect(cosine).toBeGreaterThan(0.99);
    // what is not of the concept is kept: less is lost than the whole score
    const { whole, without, parts } = await child.estimateShares({ classId: 0, nbDesign: 4 });
    expect(parts).toBe(new Set(crops.map(({ input }) => input)).size);
    expect(Math.abs(without)).toBeGreaterThan(0.1);
    expect(without).toBeLessThan(whole);
  });
});

describe('a concept that is one', () => {
  it('is left whole where its rows vary along two directions without falling into groups', async () => {
    // all shades between two near directions, and a kind that is far from both
    const { images } = makeImages(12, { seed: 2 });
    const rng = random(8);
    const area = SIDE * SIDE;
    for (let k = 0; k < 12 * area; k++) {
      const at = (c: number): number => (Math.floor(k / area) * 6 + c) * area + (k % area);
      if (images.data[at(4)] > 0) continue;
      const [strength, shade] = [1 + rng.uniform(), 0.25 + 0.5 * sumOfFour(rng)];
      for (let c = 0; c < 4; c++) images.data[at(c)] = strength * (c < 2 ? shade : 1 - shade);
    }
    const craft = new Craft(twoInOne());
    const fit = await craft.fit(images);
    const examination = await craft.examine(mixedOf(fit), { percentile: 30 });
    const [{ groups, spread, random: found, verdict }] = examination.tried;
    expect(spread).toBeLessThan(found.least);
    expect(groups === null || groups.beyond < 2.33).toBe(true);
    expect(['whole', 'one-direction', 'unstable']).toContain(verdict);
    expect(examination.best).toBeNull();
  });

  it('is compared with random sets that differ, where it has as many rows as are drawn from', async () => {
    const craft = new Craft(twoInOne());
    const { images } = makeImages(24, { noise: 0.05 });
    const fit = await craft.fit(images);
    const { tried, rows } = await craft.examine(mixedOf(fit), { percentile: 0, mostRows: 256 });
    expect(rows.rows.length).toBeGreaterThanOrEqual(128);
    // sets that are all the same have their mean as their least
    for (const { random: found } of tried) expect(found.least).toBeLessThan(0.999 * found.mean);
  });

  it('is left whole, as one direction explains its rows', async () => {
    const craft = new Craft(twoInOne());
    const { images } = makeImages(8, { noise: 0.05 });
    const fit = await craft.fit(images);
    const examination = await craft.examine(1 - mixedOf(fit));
    expect(examination.verdict).toBe('one-direction');
    expect(examination.best).toBeNull();
    // asked for all the same, it is done
    const child = await craft.decompose(1 - mixedOf(fit), { examination, numberOfConcepts: 2 });
    expect(child.decomposition!.W.dims).toEqual([2, 6]);
  });
});

describe('what cannot be decomposed', () => {
  const { images } = makeImages(2);

  it.each([
    ['before a fit', async () => new Craft(twoInOne()).decompose(0), 'STATE'],
    [
      'a Craft without other layers',
      async () => {
        const craft = new Craft({ ...twoInOne(), at: undefined });
        await craft.fit(images);
        return craft.decompose(0);
      },
      'STATE',
    ],
    [
      'a fit on activations',
      async () => {
        const craft = new Craft(twoInOne());
        await craft.fit({ data: Float32Array.from({ length: 40 }, (_, k) => k % 7), dims: [20, 2] });
        return craft.decompose(0);
      },
      'STATE',
    ],
    [
      'a concept that is none',
      async () => {
        const craft = new Craft(twoInOne());
        await craft.fit(images);
        return craft.decompose(2);
      },
      'OPTION',
    ],
    [
      'too few rows',
      async () => {
        const craft = new Craft(twoInOne());
        await craft.fit(images);
        return craft.decompose(0, { percentile: 100 });
      },
      'VALUE',
    ],
    [
      'the first layer',
      async () => {
        const craft = new Craft(twoInOne());
        const fit = await craft.fit(images);
        const child = await craft.decompose(mixedOf(fit), { percentile: 50 });
        return child.decompose(0, { percentile: 0 });
      },
      'LAYER_NOT_FOUND',
    ],
    ['shares of a root', async () => new Craft(twoInOne()).estimateShares({ classId: 0 }), 'STATE'],
    [
      'a wrong option',
      async () => {
        const craft = new Craft(twoInOne());
        await craft.fit(images);
        return craft.examine(0, { percentile: 101 });
      },
      'OPTION',
    ],
  ])('%s: says so', async (_, run, code) => {
    await expect(run()).rejects.toMatchObject({ name: 'CraftError', code });
  });
});
