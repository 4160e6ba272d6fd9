// One run: images and a classifier in, an explanation out.

import { findClass } from '../inputs/labels.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { assemble } from './assemble.ts';
import { exampleMaps, type MethodMaps } from './attribution/example-maps.ts';
import type { MapMethod } from './attribution/map-options.ts';
import type { Classifier, ImageSource } from './classifier.ts';
import { conceptOrder, conceptsOf, reorderColumns, reorderRows } from './concept-list.ts';
import { Craft } from './craft.ts';
import type { Explanation } from './explanation.ts';
import { checkFirstImages } from './first-check.ts';
import type { ImportanceOptions } from './importance.ts';
import type { RunOptions } from './options.ts';
import { growTree } from './recursion/tree.ts';
import type { ExplainRequest } from './request.ts';
import { Stopwatch } from './stopwatch.ts';

/** An explanation with its matrices, concepts in order of importance in all of them. */
export interface ExplainResult {
  readonly explanation: Explanation;
  readonly matrices: {
    /** Concept bank [r, p]. */
    readonly W: Tensor;
    /** Coefficients of the rows [n, r]. */
    readonly U: Tensor;
    /** Total Sobol indices [r]. */
    readonly importance: Tensor;
    /** [N, r]. */
    readonly importance_per_input: Tensor;
    /** What each concept adds to the class score of each input, [N, r]; missing if the head is not affine. */
    readonly contributions?: Tensor;
    /** Concept maps of the examples [E, h, w, r]; missing if the latent has no grid. */
    readonly maps?: Tensor;
    /** Concept maps of the examples by further methods, [E, h, w, r]; missing where none was asked for. */
    readonly mapsBy?: MethodMaps;
    /** W, U and rows of sub-concepts by path, `W.3.1`; missing if there are none. */
    readonly tree?: Readonly<Record<string, Tensor>>;
  };
}

/** What a run needs from outside. */
export interface ExplainEffects extends RunOptions {
  readonly classifier: Classifier;
  readonly source: ImageSource;
  /** Most inputs to use, for the record; the source keeps to it. */
  readonly limit: number | null;
}

/**
 * Explains one class of a classifier by concepts: fit → transform → importance → completeness → maps, and
 * where it is asked for, mixed concepts taken apart at earlier layers.
 * g runs once on every crop and once on every image, and not at all where the classifier's `activations` and the
 * source's keys tell that it did before; the numbers are the same.
 *
 * @throws {@link CraftError} `CLASS_NOT_FOUND`, `NO_INPUTS`, `CUT_MISMATCH`, `OPTION`, `ABORTED`.
 */
export async function explain(request: ExplainRequest, effects: ExplainEffects): Promise<ExplainResult> {
  const { classifier, source } = effects;
  const run = { signal: effects.signal, onProgress: withTotal(effects) };
  const target = findClass(classifier.labels ?? [], String(request.class), classifier.classes);
  const watch = new Stopwatch();
  const cutCheck = await watch.time('check', () => checkFirstImages(classifier, source));
  const craft = new Craft({
    ...classifier,
    numberOfConcepts: request.concepts,
    patchSize: request.patchSize,
    batchSize: request.batchSize,
    rows: request.rows,
    factorizer: request.factorizer,
    seed: request.seed,
  });
  const fit = await watch.time('fit', () => craft.fit(source, run));
  const U = await watch.time('transform', () => craft.transform(source, run));
  const how = importanceOptions(request, target.id, run);
  const importance = await watch.time('importance', () => craft.estimateImportance(source, how));
  const reconstruction = await watch.time('completeness', () => craft.reconstruct(source, run));

  const order = conceptOrder(importance.total);
  const examples = exampleInputs(reconstruction.logits, target.id, request.examples);
  const maps = U.dims.length === 4 ? reorderColumns(selectInputs(U, examples), order) : null;
  const methods = furtherMethods(request);
  const mapsBy =
    methods.length > 0
      ? await watch.time('maps', () => exampleMaps(craft, source, examples, methods, run))
      : null;
  const view = { ...classifier.preprocess, patchSize: request.patchSize };
  const concepts = conceptsOf(fit, importance, order, view);
  const { depth, percentile } = request;
  const tree = request.recursive
    ? await watch.time('recursion', () =>
        growTree(craft, order, concepts, { depth, percentile, importance: how, view }),
      )
    : null;
  const robustness = request.evaluate
    ? await watch.time('robustness', () => craft.robustness(source, fit, { ...how, order }))
    : null;
  const facts = {
    request,
    effects,
    target,
    cutCheck,
    fit,
    importance,
    reconstruction,
    concepts: tree ? concepts.map((concept) => ({ ...concept, split: tree.splits[concept.id] })) : concepts,
    robustness,
    examples: maps || mapsBy ? examples : [],
  };
  return {
    explanation: assemble(facts, watch.seconds()),
    matrices: {
      W: reorderRows(fit.W, order),
      U: reorderColumns(fit.U, order),
      importance: { data: Float64Array.from(order, (i) => importance.total[i]), dims: [order.length] },
      importance_per_input: reorderColumns(importance.perInput, order),
      ...(importance.contributions && { contributions: reorderColumns(importance.contributions, order) }),
      ...(maps && { maps }),
      ...(mapsBy && { mapsBy: reorderedMaps(mapsBy, order) }),
      ...(tree && { tree: tree.matrices }),
    },
  };
}

function furtherMethods({ maps }: ExplainRequest): MapMethod[] {
  return [...new Set(maps)].filter((method) => method !== 'latent');
}

function reorderedMaps(maps: MethodMaps, order: readonly number[]): MethodMaps {
  return Object.fromEntries(
    Object.entries(maps).map(([method, map]) => [method, reorderColumns(map, order)]),
  );
}

function importanceOptions(request: ExplainRequest, classId: number, run: RunOptions): ImportanceOptions {
  const { nbDesign, sampler, estimator, confidence } = request;
  return { classId, nbDesign, sampler, estimator, confidence, ...run };
}

/** Progress over a stream of images, with the number that the source expects. */
function withTotal({ onProgress, source, limit }: ExplainEffects): RunOptions['onProgress'] {
  const expected = Math.min(source.total, limit ?? source.total);
  return onProgress && ((progress) => onProgress({ ...progress, total: progress.total ?? expected }));
}

/** The inputs that say the class loudest, loudest first: they show what a concept looks like at its best. */
function exampleInputs(logits: Tensor, classId: number, count: number): number[] {
  const [N, classes] = logits.dims;
  const score = (n: number): number => logits.data[n * classes + classId];
  return Array.from({ length: N }, (_, n) => n)
    .sort((a, b) => score(b) - score(a) || a - b)
    .slice(0, count);
}

function selectInputs(U: Tensor<Float32Array>, inputs: readonly number[]): Tensor<Float32Array> {
  const [, ...rest] = U.dims;
  const size = rest.reduce((product, d) => product * d, 1);
  const data = new Float32Array(inputs.length * size);
  inputs.forEach((n, k) => {
    data.set(U.data.subarray(n * size, (n + 1) * size), k * size);
  });
  return { data, dims: [inputs.length, ...rest] };
}
