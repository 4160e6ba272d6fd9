// The scores of maps on real images: pixel deletion, insertion and μFidelity, of each method and of chance.

import { resizeBilinear } from '../../inputs/resize.ts';
import { muFidelity } from '../../metrics/mu-fidelity.ts';
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
}

/**
 * Scores every method on one image, for each concept that is present and for the class. A method that the cut or the model does
 * not allow is left to the caller, who gets its error.
 *
 * @param image - [1, C, H, W] or [1, H, W, C].
 * @param index - of the image among all: chance draws another map for each.
 */
export async function mapScores(
  craft: Craft,
  image: Tensor,
  index: number,
  test: MapTest,
): Promise<MapScore[]> {
  const { concepts, classId, signal } = test;
  const images = imagesOf(image, craft.options.inputLayout);
  const results: MapScore[] = [];
  const scores = await craft.mapTarget({ concepts }).scores(image);
  const targets: { of: Mapped; target: MapTarget }[] = [
    ...concepts
      .filter((_, k) => scores[k] >= test.present[k])
      .map((i) => ({ of: i, target: craft.mapTarget({ concepts: [i] }) })),
    { of: 'class', target: craft.mapTarget({ classId }) },
  ];
  for (const method of test.methods) {
    const maps = await timedMaps(craft, image, method, test);
    for (const { of, target } of targets) {
      const found = maps.get(of);
      if (!found) continue;
      checkAborted(signal);
      results.push({
        method,
        of,
        ...(await scoresOf(found.map, images, target, craft, test)),
        seconds: found.seconds,
      });
    }
  }
  for (const { of, target } of targets) {
    const map = chanceMap(images, test.seed, index);
    results.push({ method: 'random', of, ...(await scoresOf(map, images, target, craft, test)), seconds: 0 });
  }
  return results;
}

/** Maps of an image by what they are of; the time of concepts that are mapped together is shared among them. */
async function timedMaps(
  craft: Craft,
  image: Tensor,
  method: MapMethod,
  { concepts, classId, seed, settings, signal }: MapTest,
): Promise<Map<Mapped, { map: Float32Array; seconds: number }>> {
  const found = new Map<Mapped, { map: Float32Array; seconds: number }>();
  const run = async (of: readonly Mapped[], options: MapOptions): Promise<void> => {
    const start = performance.now();
    const maps = await craft.attributionMaps(image, { ...settings, ...options, method, seed, signal });
    const seconds = (performance.now() - start) / 1000 / of.length;
    const area = maps.dims[2] * maps.dims[3];
    of.forEach((what, k) => {
      found.set(what, { map: maps.data.subarray(k * area, (k + 1) * area), seconds });
    });
  };
  if (concepts.length > 0) await run(concepts, { concepts });
  if (method !== 'latent') await run(['class'], { classId });
  return found;
}

async function scoresOf(
  map: Float32Array,
  images: Images,
  target: MapTarget,
  craft: Craft,
  { steps, subsets, seed, settings, signal }: MapTest,
): Promise<Pick<MapScore, 'deletion' | 'insertion' | 'muFidelity'>> {
  const { baseline = 0 } = settings;
  const score: MaskScore = async (masks) => {
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
  };
  const curves = await pixelCurves(map, score, steps);
  const { height, width } = images;
  return {
    deletion: curves?.deletion.auc ?? null,
    insertion: curves?.insertion.auc ?? null,
    muFidelity: curves && (await muFidelity(map, score, { height, width, subsets, seed })),
  };
}

/** Cells of a random map along each side: as smooth as the maps that it stands against. */
const CHANCE_CELLS = 7;

function chanceMap({ height, width }: Images, seed: number, index: number): Float32Array {
  const rng = random(seed, index);
  const coarse = Float32Array.from({ length: CHANCE_CELLS ** 2 }, () => rng.uniform());
  return resizeBilinear({ data: coarse, dims: [1, 1, CHANCE_CELLS, CHANCE_CELLS] }, { height, width }).data;
}
