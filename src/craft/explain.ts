// One run: images and a classifier in, an explanation out.

import * as v from 'valibot';
import { findClass } from '../inputs/labels.ts';
import { completeness, topClass } from '../metrics/completeness.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { VERSION } from '../version.ts';
import type { Classifier, CutCheck, ImageSource } from './classifier.ts';
import { conceptOrder, conceptsOf, reorderColumns, reorderRows } from './concept-list.ts';
import { Craft, type Fit } from './craft.ts';
import {
  EXPLANATION_FORMAT,
  EXPLANATION_VERSION,
  type Explanation,
  ExplanationSchema,
} from './explanation.ts';
import { checkFirstImages } from './first-check.ts';
import type { Importance } from './importance.ts';
import type { RunOptions } from './options.ts';
import type { Reconstruction } from './reconstruct.ts';
import type { ExplainRequest } from './request.ts';
import { Stopwatch } from './stopwatch.ts';
import { warningsOf } from './warnings.ts';

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
    /** Concept maps of the examples [E, h, w, r]; missing if the latent has no grid. */
    readonly maps?: Tensor;
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
 * Explains one class of a classifier by concepts: fit → transform → importance → completeness → maps.
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
  const importance = await watch.time('importance', () =>
    craft.estimateImportance(source, {
      classId: target.id,
      nbDesign: request.nbDesign,
      sampler: request.sampler,
      estimator: request.estimator,
      confidence: request.confidence,
      ...run,
    }),
  );
  const reconstruction = await watch.time('completeness', () => craft.reconstruct(source, run));

  const order = conceptOrder(importance.total);
  const examples = exampleInputs(reconstruction.logits, target.id, request.examples);
  const maps = U.dims.length === 4 ? reorderColumns(selectInputs(U, examples), order) : null;
  const facts = {
    request,
    effects,
    target,
    cutCheck,
    fit,
    importance,
    reconstruction,
    order,
    examples,
    hasMaps: maps !== null,
  };
  return {
    explanation: assemble(facts, watch.seconds()),
    matrices: {
      W: reorderRows(fit.W, order),
      U: reorderColumns(fit.U, order),
      importance: { data: Float64Array.from(order, (i) => importance.total[i]), dims: [order.length] },
      importance_per_input: reorderColumns(importance.perInput, order),
      ...(maps && { maps }),
    },
  };
}

/** Progress over a stream of images, with the number that the source expects. */
function withTotal({ onProgress, source, limit }: ExplainEffects): RunOptions['onProgress'] {
  const expected = Math.min(source.total, limit ?? source.total);
  return onProgress && ((progress) => onProgress({ ...progress, total: progress.total ?? expected }));
}

interface Facts {
  readonly request: ExplainRequest;
  readonly effects: ExplainEffects;
  readonly target: { id: number; label: string };
  readonly cutCheck: CutCheck;
  readonly fit: Fit;
  readonly importance: Importance;
  readonly reconstruction: Reconstruction;
  readonly order: readonly number[];
  readonly examples: readonly number[];
  readonly hasMaps: boolean;
}

function assemble(facts: Facts, timings: Record<string, number>): Explanation {
  const { request, effects, target, fit, importance, reconstruction, order } = facts;
  const { classifier, source, limit } = effects;
  const { model, layer } = classifier;
  const complete = completeness(reconstruction.logits, reconstruction.reconstructed, target.id);
  const explanation: Explanation = {
    format: EXPLANATION_FORMAT,
    version: EXPLANATION_VERSION,
    versions: { 'craft-xai': VERSION, ...classifier.versions },
    model: { ...model, input: { ...model.input }, output: { ...model.output }, classes: classifier.classes },
    layer: {
      tensor: layer.tensor,
      name: layer.name,
      op: layer.op,
      dims: [...layer.dims],
      layout: layer.layout,
      prefixTokens: layer.prefixTokens,
      chosenBy: layer.chosenBy,
      nonNegative: fit.method === 'nmf',
      head: classifier.affineHead ? 'affine' : 'general',
      cutCheck: { ...facts.cutCheck },
    },
    class: target,
    preprocess: classifier.preprocess,
    settings: settingsOf(request, limit),
    inputs: {
      kind: 'image',
      source: source.source,
      items: inputItems(facts),
      skipped: source.skipped.map(({ name, reason }) => ({ name, reason })),
    },
    factorization: {
      method: fit.method,
      rows: fit.U.dims[0],
      width: fit.W.dims[1],
      iterations: fit.iterations,
      converged: fit.converged,
      loss: fit.loss,
      relativeError: fit.relativeError,
    },
    importance: {
      method: importance.method,
      path: importance.path,
      resampled: importance.resampled,
      degenerate: importance.degenerate,
      sum: importance.total.reduce((sum, s) => sum + s, 0),
      headEvaluations: importance.headEvaluations,
      prefixEvaluations: importance.prefixEvaluations,
    },
    completeness: { ...complete, relativeError: reconstruction.relativeError },
    concepts: conceptsOf(fit, importance, order, {
      ...classifier.preprocess,
      patchSize: request.patchSize,
    }),
    examples: facts.hasMaps ? [...facts.examples] : [],
    warnings: [],
    timings,
  };
  const warnings = [...classifier.warnings, ...warningsOf(explanation)];
  // parsed, so that it is what a reader of the file will get, to the order of its keys
  return v.parse(ExplanationSchema, { ...explanation, warnings });
}

function settingsOf(request: ExplainRequest, limit: number | null): Explanation['settings'] {
  const { concepts, class: _, examples: __, ...rest } = request;
  return {
    ...rest,
    numberOfConcepts: concepts,
    stride: Math.max(1, Math.floor(0.8 * request.patchSize)),
    limit,
  };
}

function inputItems({ effects, reconstruction: { logits }, target }: Facts): Explanation['inputs']['items'] {
  const { classifier, source } = effects;
  const classes = logits.dims[1];
  return source.names.map((name, n) => {
    const top = topClass(logits, n);
    const scoreOf = (id: number): number => logits.data[n * classes + id];
    return {
      name,
      logit: scoreOf(target.id),
      predicted: { id: top, label: classifier.labels?.[top] ?? `class ${top}`, logit: scoreOf(top) },
      image: null,
    };
  });
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
