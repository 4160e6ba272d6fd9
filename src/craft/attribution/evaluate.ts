// An explanation put to the test: its maps, the order of its concepts, and the concepts themselves.

import * as v from 'valibot';
import { CraftError } from '../../errors.ts';
import { sparsity } from '../../metrics/sparsity.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { VERSION } from '../../version.ts';
import type { Classifier, ImageSource } from '../classifier.ts';
import { Craft } from '../craft.ts';
import type { ExplainResult } from '../explain.ts';
import { checkWhole, type RunOptions } from '../options.ts';
import { Stopwatch } from '../stopwatch.ts';
import { EVALUATE_DEFAULTS } from './evaluate-settings.ts';
import { EVALUATION_FORMAT, EVALUATION_VERSION, type Evaluation, EvaluationSchema } from './evaluation.ts';
import type { MapTest } from './map-faithfulness.ts';
import { MAP_METHODS, type MapMethod } from './map-options.ts';
import { summaries, testMaps } from './map-tests.ts';

/** What to test. */
export interface EvaluateOptions extends RunOptions {
  /** Default: all. */
  readonly methods?: readonly MapMethod[];
  /** Images whose maps are tested: those that say the class loudest. Default 4. */
  readonly images?: number;
  /** Concepts whose maps are tested: the most important ones. Default 3. */
  readonly concepts?: number;
  /** Points of a curve of pixels; default 10. */
  readonly steps?: number;
  /** Subsets for μFidelity; default 48. */
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
  const concepts = explanation.concepts
    .slice(0, options.concepts ?? EVALUATE_DEFAULTS.concepts)
    .map(({ id }) => id);
  const test: MapTest = {
    methods: options.methods ?? MAP_METHODS,
    concepts,
    present: concepts.map((id) => PRESENT * largestOf(matrices.U, id)),
    classId: target.id,
    steps: options.steps ?? EVALUATE_DEFAULTS.steps,
    subsets: options.subsets ?? EVALUATE_DEFAULTS.subsets,
    seed,
    settings: options.settings ?? {},
    signal,
  };
  const images = loudest(explanation, options.images ?? EVALUATE_DEFAULTS.images);
  const conceptOrders = await watch.time('concepts', () =>
    craft.conceptFaithfulness(source, {
      classId: target.id,
      importance: matrices.importance.data,
      signal,
    }),
  );
  checkSameImages(explanation, source);
  const stability =
    explanation.robustness?.stability ??
    (await watch.time('stability', () => craft.stability(source, { signal })));
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
