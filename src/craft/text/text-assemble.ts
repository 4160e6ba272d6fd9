// The facts of a run on texts as an explanation.

import * as v from 'valibot';
import { completeness, topClass } from '../../metrics/completeness.ts';
import { explanationHead, factorizationFacts, importanceFacts } from '../explanation-facts.ts';
import { accuracyOf } from './compare-signs.ts';
import { type TextExplanation, TextExplanationSchema, TextItemSchema } from './text-explanation.ts';
import type { TextFacts } from './text-facts.ts';
import { textWarnings } from './text-warnings.ts';

type Item = TextExplanation['inputs']['items'][number];

/** Puts an explanation together, and parses it so that it is what a reader of the file will get: texts one by one. */
export function assembleText(facts: TextFacts, timings: Record<string, number>): TextExplanation {
  const { request, effects, target, fit, importance, reconstruction, concepts } = facts;
  const { classifier, limit } = effects;
  const explanation: TextExplanation = v.parse(TextExplanationSchema, {
    ...explanationHead(classifier, facts.cutCheck, fit.method === 'nmf' && request.factorizer !== 'split'),
    class: { ...target },
    settings: { ...request, limit },
    inputs: inputsOf(facts),
    factorization: factorizationFacts(fit),
    importance: importanceFacts(importance),
    completeness: {
      ...completeness(reconstruction.logits, reconstruction.reconstructed, target.id),
      relativeError: reconstruction.relativeError,
    },
    concepts: [...concepts],
    examples: [...facts.examples],
    heatmaps: facts.heatmaps,
    signs: [...facts.signs],
    compare: facts.compare,
    warnings: [],
    timings,
  });
  const complete: TextExplanation = {
    ...explanation,
    inputs: { ...explanation.inputs, items: itemsOf(facts) },
  };
  const ofSource = effects.source.warnings ?? [];
  return { ...complete, warnings: [...classifier.warnings, ...textWarnings(complete), ...ofSource] };
}

function inputsOf({
  effects: { source },
  truncated,
  reconstruction,
  truth,
}: TextFacts): TextExplanation['inputs'] {
  return {
    kind: 'text',
    source: source.source,
    items: [],
    skipped: source.skipped.map(({ name, reason }) => ({ name, reason })),
    skippedCount: source.skippedCount,
    duplicates: source.duplicates,
    truncated,
    accuracy: accuracyOf(reconstruction.logits, truth),
  };
}

function itemsOf({ data, texts, target, reconstruction, effects: { classifier } }: TextFacts): Item[] {
  const { logits } = reconstruction;
  const classes = logits.dims[1];
  const unitCounts = new Int32Array(data.ids.length);
  for (const n of data.units.text) unitCounts[n]++;
  return data.ids.map((name, n) => {
    const top = topClass(logits, n);
    const scoreOf = (k: number): number => logits.data[n * classes + k];
    return v.parse(TextItemSchema, {
      name,
      label: data.labels[n],
      logit: scoreOf(target.id),
      predicted: { id: top, label: classifier.labels?.[top] ?? `class ${top}`, logit: scoreOf(top) },
      units: unitCounts[n],
      text: texts.get(n) ?? null,
    });
  });
}
