// The facts of a run on texts as an explanation.

import * as v from 'valibot';
import { completeness, topClass } from '../../metrics/completeness.ts';
import { explanationHead, factorizationFacts, importanceFacts } from '../explanation-facts.ts';
import { accuracyOf } from './compare-signs.ts';
import { type TextExplanation, TextExplanationSchema } from './text-explanation.ts';
import type { TextFacts } from './text-facts.ts';
import { textWarnings } from './text-warnings.ts';

/** Puts an explanation together, and parses it so that it is what a reader of the file will get. */
export function assembleText(facts: TextFacts, timings: Record<string, number>): TextExplanation {
  const { request, effects, target, fit, importance, reconstruction, units, concepts } = facts;
  const { classifier, limit } = effects;
  const explanation: TextExplanation = {
    ...explanationHead(classifier, facts.cutCheck, fit.method === 'nmf' && request.factorizer !== 'split'),
    class: { ...target },
    settings: { ...request, limit },
    inputs: inputsOf(facts),
    units: units.map(({ text, start, end }) => [text, start, end]),
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
  };
  const warnings = [...classifier.warnings, ...textWarnings(explanation)];
  return v.parse(TextExplanationSchema, { ...explanation, warnings });
}

function inputsOf(facts: TextFacts): TextExplanation['inputs'] {
  const { effects, items, units, target, reconstruction, truth, examples, concepts } = facts;
  const { classifier, source } = effects;
  const { logits } = reconstruction;
  const classes = logits.dims[1];
  const unitCounts = new Array<number>(items.length).fill(0);
  for (const { text } of units) unitCounts[text]++;
  const rows = concepts.flatMap(({ draft, bestUnits }) => [
    ...bestUnits.map(({ row }) => row),
    ...draft.terms.flatMap((term) => term.rows),
  ]);
  const shown = new Set([...examples, ...rows.map((row) => units[row].text)]);
  return {
    kind: 'text',
    source: source.source,
    items: items.map(({ id, text, label }, n) => {
      const top = topClass(logits, n);
      const scoreOf = (k: number): number => logits.data[n * classes + k];
      return {
        name: id,
        label,
        logit: scoreOf(target.id),
        predicted: { id: top, label: classifier.labels?.[top] ?? `class ${top}`, logit: scoreOf(top) },
        units: unitCounts[n],
        text: shown.has(n) ? text : null,
      };
    }),
    skipped: source.skipped.map(({ name, reason }) => ({ name, reason })),
    skippedCount: source.skippedCount,
    duplicates: source.duplicates,
    truncated: items.filter(({ text }) => classifier.tokenize(text).truncated > 0).length,
    accuracy: accuracyOf(logits, truth),
  };
}
