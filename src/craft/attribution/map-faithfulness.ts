// The scores of maps on real images: pixel deletion, insertion and μFidelity, of each method and of chance.

import { resizeBilinear } from '../../inputs/resize.ts';
import { fidelityOf, subsetMasks } from '../../metrics/mu-fidelity.ts';
import { type MaskScore, pixelCurves } from '../../metrics/pixel-curves.ts';
import { random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { Craft } from '../craft.ts';
import { type Images, imagesOf, masked, tensorOf } from './images.ts';
import type { MapMethod, MapOptions } from './map-options.ts';
import { type MapTarget, parts } from './target.ts';

/** How maps are tested. */
export interface MapTest {
  readonly methods: readonly MapMethod[];
  readonly concepts: readonly number[];
  readonly classId: number;
  /** Points of a curve. */
  readonly steps: number;
  /** Subsets for μFidelity. */
  readonly subsets: number;
  readonly seed: number;
  /** Of the methods; see MapOptions. */
  readonly settings: Pick<
    MapOptions,
    'baseline' | 'samples' | 'noise' | 'steps' | 'masks' | 'patch' | 'stride'
  >;
  /** Coefficient from which on a concept is present in an image, in the order of `concepts`; others do not count. */
  readonly present: readonly number[];
  readonly signal?: AbortSignal;
}

/** What is mapped: a concept by its index, or the class score. */
export type Mapped = number | 'class';

/** Scores of one map. */
export interface MapScore {
  readonly method: MapMethod | 'random';
  readonly of: Mapped;
  /** Area under the curve, null where the image does not score above the baseline. */
  readonly deletion: number | null;
  readonly insertion: number | null;
  /** null where nothing varies. */
  readonly muFidelity: number | null;
  /** Seconds of this map; 0 for `random`. */
  readonly seconds: number;
  /** |Σ map − (score(image) − score(baseline))| as a share of that difference; null but for `integrated-gradients`. */
  readonly gap: number | null;
}

/** An image under test: what is mapped of it, and scores that all maps of it share. */
interface Tested {
  readonly image: Tensor;
  readonly images: Images;
  /** Concepts that are present, then the class. */
  readonly mapped: readonly Mapped[];
  readonly subsets: readonly Float32Array[];
  /** Of the image, of the baseline alone, and of the image without every subset, by what is mapped. */
  readonly full: readonly number[];
  readonly none: readonly number[];
  readonly without: readonly (readonly number[])[];
}

/**
 * Scores every method on one image, for each concept that is present and for the class. A method that the cut or the model does
 * not allow is left to the caller, who gets its error.
 *
 * @param image - [1, C, H, W] or [1, H, W, C].
 * @param index - of the image among all: chance draws another map for each.
 * @param onMap - told when a map is scored.
 */
export async function mapScores(
  craft: Craft,
  image: Tensor,
  index: number,
  test: MapTest,
  onMap: () => void,
): Promise<MapScore[]> {
  const tested = await sharedScores(craft, image, test);
  const results: MapScore[] = [];
  const score = async (method: MapScore['method'], { maps, seconds, gaps }: TimedMaps) => {
    for (const [k, map] of maps.entries()) {
      const found = await scoresOf(map, k, tested, craft, test);
      const rise = Math.abs(tested.full[k] - tested.none[k]);
      const gap = gaps && rise > 0 ? Math.abs(gaps[k]) / rise : null;
      results.push({ method, of: tested.mapped[k], ...found, seconds: seconds / maps.length, gap });
    }
    onMap();
  };
  for (const method of test.methods) {
    await score(method, await timedMaps(craft, tested, method, test));
  }
  const map = chanceMap(tested.images, test.seed, index);
  const maps = new Array<Float32Array>(tested.mapped.length).fill(map);
  await score('random', { maps, seconds: 0, gaps: null });
  return results;
}

async function sharedScores(craft: Craft, image: Tensor, test: MapTest): Promise<Tested> {
  const { concepts, classId, seed } = test;
  const images = imagesOf(image, craft.options.inputLayout);
  const { height, width } = images;
  const area = height * width;
  const subsets = subsetMasks({ height, width, subsets: test.subsets, seed });
  const masks = [new Float32Array(area).fill(1), new Float32Array(area), ...subsets];
  const target = craft.mapTarget(concepts.length > 0 ? { concepts, classId } : { classId });
  const scores = await maskedScores(masks, images, target, craft, test);
  const K = target.count;
  const kept = [...concepts.keys()].filter((k) => scores[k] >= test.present[k]);
  const columns = [...kept, K - 1];
  const rowsOf = (first: number, count: number) => (k: number) =>
    Array.from({ length: count }, (_, m) => scores[(first + m) * K + k]);
  return {
    image,
    images,
    mapped: [...kept.map((k) => concepts[k]), 'class'],
    subsets,
    full: columns.map((k) => scores[k]),
    none: columns.map((k) => scores[K + k]),
    without: columns.map(rowsOf(2, subsets.length)),
  };
}

interface TimedMaps {
  readonly maps: readonly Float32Array[];
  readonly seconds: number;
  /** See AttributionMaps.gap. */
  readonly gaps: ArrayLike<number> | null;
}

/** Maps of an image in the order of what is mapped; the latent maps concepts only. */
async function timedMaps(
  craft: Craft,
  { image, mapped }: Tested,
  method: MapMethod,
  { classId, seed, settings, signal }: MapTest,
): Promise<TimedMaps> {
  const concepts = mapped.filter((of) => of !== 'class');
  const what = {
    ...(concepts.length > 0 && { concepts }),
    ...(method !== 'latent' && { classId }),
  };
  if (Object.keys(what).length === 0) return { maps: [], seconds: 0, gaps: null };
  const start = performance.now();
  const { data, dims, gap } = await craft.attributionMaps(image, {
    ...settings,
    ...what,
    method,
    seed,
    signal,
  });
  const seconds = (performance.now() - start) / 1000;
  const area = dims[2] * dims[3];
  const maps = Array.from({ length: dims[1] }, (_, k) => data.subarray(k * area, (k + 1) * area));
  return { maps, seconds, gaps: gap?.data ?? null };
}

async function scoresOf(
  map: Float32Array,
  k: number,
  { images, mapped, subsets, full, none, without }: Tested,
  craft: Craft,
  test: MapTest,
): Promise<Pick<MapScore, 'deletion' | 'insertion' | 'muFidelity'>> {
  const of = mapped[k];
  const target = craft.mapTarget(of === 'class' ? { classId: test.classId } : { concepts: [of] });
  const score: MaskScore = (masks) => maskedScores(masks, images, target, craft, test);
  const curves = await pixelCurves(map, score, test.steps, { full: full[k], none: none[k] });
  return {
    deletion: curves?.deletion.auc ?? null,
    insertion: curves?.insertion.auc ?? null,
    muFidelity: curves && fidelityOf(map, subsets, [full[k], ...without[k]]),
  };
}

/** Scores of an image under masks, [masks, K]. */
async function maskedScores(
  masks: readonly Float32Array[],
  images: Images,
  target: MapTarget,
  craft: Craft,
  { settings: { baseline = 0 }, signal }: MapTest,
): Promise<number[]> {
  const scores: number[] = [];
  for (const part of parts(masks.length, craft.options.batchSize)) {
    checkAborted(signal);
    const batch = new Float32Array(part.length * images.size);
    part.forEach((m, b) => {
      masked(images.data, images, masks[m], baseline, batch, b * images.size);
    });
    scores.push(...(await target.scores(tensorOf(images, batch))));
  }
  return scores;
}

/** Cells of a random map along each side: as smooth as the maps that it stands against. */
const CHANCE_CELLS = 7;

function chanceMap({ height, width }: Images, seed: number, index: number): Float32Array {
  const rng = random(seed, index);
  const coarse = Float32Array.from({ length: CHANCE_CELLS ** 2 }, () => rng.uniform());
  return resizeBilinear({ data: coarse, dims: [1, 1, CHANCE_CELLS, CHANCE_CELLS] }, { height, width }).data;
}
