// What a run found, put together as an explanation.

import * as v from 'valibot';
import { completeness, topClass } from '../metrics/completeness.ts';
import type { Classifier, CutCheck, ImageSource } from './classifier.ts';
import type { Fit } from './craft.ts';
import { type Explanation, ExplanationSchema } from './explanation.ts';
import { explanationHead, factorizationFacts, importanceFacts } from './explanation-facts.ts';
import type { Importance } from './importance.ts';
import type { Reconstruction } from './reconstruct.ts';
import type { ExplainRequest } from './request.ts';
import type { Robustness } from './robustness-schema.ts';
import { warningsOf } from './warnings.ts';

/** What a run found. */
export interface Facts {
  readonly request: ExplainRequest;
  readonly effects: {
    readonly classifier: Classifier;
    readonly source: ImageSource;
    readonly limit: number | null;
  };
  readonly target: { id: number; label: string };
  readonly cutCheck: CutCheck;
  readonly fit: Fit;
  readonly importance: Importance;
  readonly reconstruction: Reconstruction;
  readonly concepts: Explanation['concepts'];
  /** null unless it was asked for. */
  readonly robustness: Robustness | null;
  /** Inputs whose concept maps are stored. */
  readonly examples: readonly number[];
}

/** The explanation as a reader of the file will get it, with its warnings. */
export function assemble(facts: Facts, timings: Record<string, number>): Explanation {
  const { request, effects, target, fit, importance, reconstruction } = facts;
  const { classifier, source, limit } = effects;
  const complete = completeness(reconstruction.logits, reconstruction.reconstructed, target.id);
  const explanation: Explanation = {
    ...explanationHead(classifier, facts.cutCheck, fit.method === 'nmf'),
    class: target,
    preprocess: classifier.preprocess,
    settings: settingsOf(request, limit),
    inputs: {
      kind: 'image',
      source: source.source,
      items: inputItems(facts),
      skipped: source.skipped.map(({ name, reason }) => ({ name, reason })),
    },
    factorization: factorizationFacts(fit),
    importance: importanceFacts(importance),
    completeness: { ...complete, relativeError: reconstruction.relativeError },
    concepts: facts.concepts,
    ...(facts.robustness && { robustness: facts.robustness }),
    examples: [...facts.examples],
    warnings: [],
    timings,
  };
  const warnings = [...classifier.warnings, ...warningsOf(explanation)];
  // parsed, so that it is what a reader of the file will get, to the order of its keys
  return v.parse(ExplanationSchema, { ...explanation, warnings });
}

function settingsOf(request: ExplainRequest, limit: number | null): Explanation['settings'] {
  const { concepts, class: _, examples: __, recursive, depth, percentile, ...rest } = request;
  return {
    ...rest,
    ...(recursive && { recursion: { depth, percentile } }),
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
