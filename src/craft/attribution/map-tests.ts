// The tests of maps over the images of an explanation, and their means by method.

import { CraftError } from '../../errors.ts';
import { mean } from '../../math/stats.ts';
import { type Interval, meanInterval } from '../../metrics/interval.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { ImageSource } from '../classifier.ts';
import type { Craft } from '../craft.ts';
import type { RunOptions } from '../options.ts';
import type { Evaluation, MapMethodScore } from './evaluation.ts';
import { type MapScore, type MapTest, mapScores } from './map-faithfulness.ts';
import { MAP_METHODS } from './map-options.ts';

/** Scores of one image. */
type Scores = readonly MapScore[];

/**
 * Tests the maps of some images of a source, method by method.
 *
 * @param images - indices into the source.
 */
export async function testMaps(
  craft: Craft,
  source: ImageSource,
  images: readonly number[],
  test: MapTest,
  onProgress: RunOptions['onProgress'],
): Promise<{ scores: Scores[]; skipped: Evaluation['skipped'] }> {
  const scores: Scores[] = [];
  const skipped: Evaluation['skipped'] = [];
  let first = 0;
  let done = 0;
  const total = images.length * (test.methods.length + 1); // chance is a method too
  const onMap = (): void => onProgress?.({ stage: 'evaluate', done: ++done, total });
  for await (const batch of source) {
    const [count] = batch.dims;
    for (let k = 0; k < count; k++) {
      if (!images.includes(first + k)) continue;
      checkAborted(test.signal);
      const image = itemOf(batch, k);
      if (scores.length === 0) skipped.push(...(await notPossible(craft, image, test)));
      done += skipped.length;
      const methods = test.methods.filter((method) => !skipped.some((s) => s.method === method));
      scores.push(await mapScores(craft, image, first + k, { ...test, methods }, onMap));
    }
    first += count;
    if (scores.length === images.length) break;
  }
  return { scores, skipped };
}

function itemOf({ data, dims: [, ...rest] }: Tensor, n: number): Tensor {
  const size = sizeOf(rest);
  return { data: data.subarray(n * size, (n + 1) * size), dims: [1, ...rest] };
}

/** Why a method cannot be tested here: the latent has no grid, or an op no gradient. */
const REASONS: readonly CraftError['code'][] = ['STATE', 'SHAPE', 'MODEL_UNSUPPORTED'];

/** Methods that the model or the cut does not allow, found out on one image. */
async function notPossible(craft: Craft, image: Tensor, test: MapTest): Promise<Evaluation['skipped']> {
  const skipped: Evaluation['skipped'] = [];
  for (const method of test.methods) {
    if (method === 'occlusion' || method === 'rise') continue;
    try {
      const quick = {
        samples: 1,
        steps: 1,
        tolerance: Infinity,
        concepts: test.concepts.slice(0, 1),
        signal: test.signal,
      };
      await craft.attributionMaps(image, { ...quick, method });
    } catch (error) {
      if (!(error instanceof CraftError) || !REASONS.includes(error.code)) throw error;
      skipped.push({ method, reason: error.message });
    }
  }
  return skipped;
}

/** Means over images, method by method: in the order of {@link MAP_METHODS}, chance last. */
export function summaries(images: readonly Scores[], seed: number): MapMethodScore[] {
  const tested = new Set(images.flat().map(({ method }) => method));
  const methods = ([...MAP_METHODS, 'random'] as const).filter((method) => tested.has(method));
  return methods.flatMap((method) =>
    (['concept', 'class'] as const).flatMap((of) => {
      const perImage = images.map((scores) =>
        scores.filter((s) => s.method === method && (s.of === 'class') === (of === 'class')),
      );
      if (perImage.every((scores) => scores.length === 0)) return [];
      const interval = (key: 'deletion' | 'insertion' | 'muFidelity'): Interval | null =>
        meanInterval(
          perImage.flatMap((scores) => {
            const values = scores.map((s) => s[key]).filter((value) => value !== null);
            return values.length > 0 ? [mean(values)] : [];
          }),
          seed,
        );
      const gaps = perImage.flat().flatMap(({ gap }) => (gap === null ? [] : [gap]));
      return [
        {
          method,
          of,
          deletion: interval('deletion'),
          insertion: interval('insertion'),
          muFidelity: interval('muFidelity'),
          seconds: mean(perImage.flat().map(({ seconds }) => seconds)),
          ...(gaps.length > 0 && { gap: Math.max(...gaps) }),
        },
      ];
    }),
  );
}
