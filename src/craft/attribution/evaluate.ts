// An explanation put to the test: its maps, the order of its concepts, and the concepts themselves.

import * as v from 'valibot';
import { CraftError } from '../../errors.ts';
import { mean } from '../../math/stats.ts';
import { type Interval, meanInterval } from '../../metrics/interval.ts';
import { sparsity } from '../../metrics/sparsity.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { VERSION } from '../../version.ts';
import { checkAborted } from '../batches.ts';
import type { Classifier, ImageSource } from '../classifier.ts';
import { Craft } from '../craft.ts';
import type { ExplainResult } from '../explain.ts';
import { checkWhole, type RunOptions } from '../options.ts';
import { Stopwatch } from '../stopwatch.ts';
import {
  EVALUATION_FORMAT,
  EVALUATION_VERSION,
  type Evaluation,
  EvaluationSchema,
  type MapMethodScore,
} from './evaluation.ts';
import { type MapScore, type MapTest, mapScores } from './map-faithfulness.ts';
import { MAP_METHODS, type MapMethod } from './map-options.ts';

/** What to test. */
export interface EvaluateOptions extends RunOptions {
  /** Default: all. */
  readonly methods?: readonly MapMethod[];
  /** Images whose maps are tested: those that say the class loudest. Default 6. */
  readonly images?: number;
  /** Concepts whose maps are tested: the most important ones. Default 3. */
  readonly concepts?: number;
  /** Points of a curve of pixels; default 12. */
  readonly steps?: number;
  /** Subsets for μFidelity; default 24. */
  readonly subsets?: number;
  /** Settings of the methods. */
  readonly settings?: MapTest['settings'];
}

/**
 * Tests an explanation on the images that it is of, with the model that it is of.
 *
 * @throws {@link CraftError} `INPUT` if the model or the images are others; `OPTION`, `ABORTED`.
 */
export async function evaluate(
  { explanation, matrices }: ExplainResult,
  { classifier, source }: { classifier: Classifier; source: ImageSource },
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkCounts(options);
  const { settings, class: target } = explanation;
  if (classifier.model.sha256 !== explanation.model.sha256) {
    throw new CraftError(
      'INPUT',
      `evaluate: expected the model that was explained, ${explanation.model.name} (SHA-256 ${explanation.model.sha256.slice(0, 12)}…); got ${classifier.model.name} (${classifier.model.sha256.slice(0, 12)}…)`,
    );
  }
  const { seed } = settings;
  const { signal, onProgress } = options;
  const watch = new Stopwatch();
  const craft = new Craft({
    ...classifier,
    numberOfConcepts: settings.numberOfConcepts,
    patchSize: settings.patchSize,
    batchSize: settings.batchSize,
    rows: settings.rows,
    factorizer: settings.factorizer,
    seed,
  });
  craft.useConcepts(matrices.W);
  const concepts = explanation.concepts.slice(0, options.concepts ?? 3).map(({ id }) => id);
  const test: MapTest = {
    methods: options.methods ?? MAP_METHODS,
    concepts,
    present: concepts.map((id) => PRESENT * largestOf(matrices.U, id)),
    classId: target.id,
    steps: options.steps ?? 12,
    subsets: options.subsets ?? 24,
    seed,
    settings: options.settings ?? {},
    signal,
  };
  const images = loudest(explanation, options.images ?? 6);
  const conceptOrders = await watch.time('concepts', () =>
    craft.conceptFaithfulness(source, {
      classId: target.id,
      importance: matrices.importance.data,
      signal,
    }),
  );
  checkSameImages(explanation, source);
  const stability = await watch.time('stability', () => craft.stability(source, { signal }));
  const tested = await watch.time('maps', () => testMaps(craft, source, images, test, onProgress));
  const evaluation: Evaluation = {
    format: EVALUATION_FORMAT,
    version: EVALUATION_VERSION,
    versions: { 'craft-xai': VERSION, ...classifier.versions },
    model: explanation.model.sha256,
    class: target,
    settings: {
      methods: [...test.methods],
      concepts: [...test.concepts],
      steps: test.steps,
      subsets: test.subsets,
      baseline: test.settings.baseline ?? 0,
      seed,
    },
    images,
    maps: summaries(tested.scores, seed),
    skipped: tested.skipped,
    conceptOrders:
      conceptOrders?.map(({ order, deletion, insertion }) => ({
        order,
        deletion: { values: [...deletion.values], auc: deletion.auc },
        insertion: { values: [...insertion.values], auc: insertion.auc },
      })) ?? null,
    stability: {
      seeds: { ...stability.seeds, perConcept: [...stability.seeds.perConcept] },
      halves: { ...stability.halves, perConcept: [...stability.halves.perConcept] },
    },
    sparsity: sparsity(matrices.U),
    timings: watch.seconds(),
  };
  return v.parse(EvaluationSchema, evaluation);
}

/** @throws {@link CraftError} `OPTION` that names the first wrong one. */
function checkCounts(options: EvaluateOptions): void {
  for (const name of ['images', 'concepts', 'steps', 'subsets'] as const) {
    if (options[name] !== undefined) checkWhole(name, options[name], 1);
  }
}

/** A concept is present in an image above this share of its largest coefficient, as in a row of the explanation. */
const PRESENT = 0.1;

function largestOf({ data, dims: [n, r] }: Tensor, concept: number): number {
  let largest = 0;
  for (let row = 0; row < n; row++) largest = Math.max(largest, data[row * r + concept]);
  return largest;
}

/** The inputs that say the class loudest. */
function loudest({ inputs }: ExplainResult['explanation'], count: number): number[] {
  return inputs.items
    .map((_, n) => n)
    .sort((a, b) => inputs.items[b].logit - inputs.items[a].logit || a - b)
    .slice(0, count);
}

/** After a pass, so that the source knows its names. */
function checkSameImages({ inputs }: ExplainResult['explanation'], { names }: ImageSource): void {
  const at = inputs.items.findIndex(({ name }, n) => names[n] !== name);
  if (at < 0 && names.length === inputs.items.length) return;
  throw new CraftError(
    'INPUT',
    `evaluate: expected the ${inputs.items.length} images that were explained; got ${names.length}${at < 0 ? '' : `, and ${names[at] ?? 'none'} in place of ${inputs.items[at].name}`}`,
  );
}

/** Scores of one image. */
type Scores = readonly MapScore[];

async function testMaps(
  craft: Craft,
  source: ImageSource,
  images: readonly number[],
  test: MapTest,
  onProgress: RunOptions['onProgress'],
): Promise<{ scores: Scores[]; skipped: Evaluation['skipped'] }> {
  const scores: Scores[] = [];
  const skipped: Evaluation['skipped'] = [];
  let first = 0;
  for await (const batch of source) {
    const [count] = batch.dims;
    for (let k = 0; k < count; k++) {
      if (!images.includes(first + k)) continue;
      checkAborted(test.signal);
      const image = itemOf(batch, k);
      if (scores.length === 0) skipped.push(...(await notPossible(craft, image, test)));
      const methods = test.methods.filter((method) => !skipped.some((s) => s.method === method));
      scores.push(await mapScores(craft, image, first + k, { ...test, methods }));
      onProgress?.({ stage: 'evaluate', done: scores.length, total: images.length });
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
      const quick = { samples: 1, steps: 1, concepts: test.concepts.slice(0, 1), signal: test.signal };
      await craft.attributionMaps(image, { ...quick, method });
    } catch (error) {
      if (!(error instanceof CraftError) || !REASONS.includes(error.code)) throw error;
      skipped.push({ method, reason: error.message });
    }
  }
  return skipped;
}

/** Means over images, method by method. */
function summaries(images: readonly Scores[], seed: number): MapMethodScore[] {
  const methods = [...new Set(images.flat().map(({ method }) => method))];
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
      return [
        {
          method,
          of,
          deletion: interval('deletion'),
          insertion: interval('insertion'),
          muFidelity: interval('muFidelity'),
          seconds: mean(perImage.flat().map(({ seconds }) => seconds)),
        },
      ];
    }),
  );
}
