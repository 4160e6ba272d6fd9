// The report as a few lines of plain text, to paste into a mail or a ticket.

import type { AnyConcept, Explained } from '../../report-data.ts';
import { modelName } from './names.ts';
import { fixed, index, percent, signed } from './numbers.ts';
import { byImportance, verdictOf } from './verdict.ts';

/** @param leftOut - inputs that the page does not list. */
export function summaryOf(
  explanation: Explained,
  nameOf: (concept: AnyConcept) => string,
  leftOut = 0,
): string {
  const { class: target, completeness, settings, model, layer, inputs } = explanation;
  const { headline, details } = verdictOf(explanation, nameOf);
  const rows = byImportance<AnyConcept>(explanation.concepts).map((c, i) => {
    const { value, lower, upper } = c.importance;
    return `${i + 1}. ${nameOf(c)}: importance ${index(value)} [${fixed(lower)}, ${fixed(upper)}], effect ${signed(c.effect)}`;
  });
  const r2 = completeness.r2 === null ? 'undefined' : fixed(completeness.r2);
  return [
    `Why does ${modelName(explanation)} say “${target.label}”?`,
    [headline, ...details].join(' '),
    '',
    ...rows,
    '',
    `Completeness: R² ${r2}, same first choice on ${percent(completeness.top1Agreement)} of ${inputs.items.length + leftOut} inputs.`,
    ...explanation.warnings.map((text) => `Warning: ${text}`),
    `Importance: total Sobol index with its ${percent(settings.confidence)} interval. Effect: mean change of the class score (logit) from removing the concept to keeping it.`,
    `Model ${model.name} (sha256 ${model.sha256.slice(0, 12)}…), layer ${layer.name}, seed ${settings.seed}.`,
  ].join('\n');
}
