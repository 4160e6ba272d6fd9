// An explanation of texts in a few lines of plain words.

import type { SignsReport, TextConcept, TextExplanation } from '../craft/text/text-explanation.ts';
import type { TextPlan } from '../craft/text/text-plan.ts';

const UNITS_SHOWN = 5;
const WIDTH = 100;

/** The most important concepts: how much, for or against, their words, their clearest units. */
export function describeTextConcepts(explanation: TextExplanation, count: number): string {
  const { concepts, class: target } = explanation;
  const lines = concepts.slice(0, count).map((concept) => describe(concept, explanation));
  return [`What the model reads for “${target.label}”:`, ...lines].join('\n');
}

function describe(concept: TextConcept, { inputs, compare }: TextExplanation): string {
  const { value, lower, upper } = concept.importance;
  const direction = concept.effect >= 0 ? 'for' : 'against';
  const name = concept.draft.text === '' ? '' : `  [${concept.draft.text}]`;
  const compared = compare?.concepts[concept.id];
  const reading = compared ? `; ${READINGS[compared.reading]}` : '';
  const units = concept.bestUnits.slice(0, UNITS_SHOWN).map(({ input, span: [start, end] }) => {
    const words = (inputs.items[input].text ?? '').slice(start, end).replace(/\s+/g, ' ');
    return `       “${words.length > WIDTH ? `${words.slice(0, WIDTH - 1)}…` : words}”`;
  });
  return [
    `  ${String(concept.id + 1).padStart(2)}. importance ${percent(value)} (${percent(lower)}–${percent(upper)}), ${direction} the class${reading}${name}`,
    ...units,
  ].join('\n');
}

const READINGS = {
  discriminating: 'tells the groups apart and is used',
  shared: 'in both groups alike, and used',
  unused: 'tells the groups apart, hardly used',
  negligible: 'in both groups alike, hardly used',
} as const;

/** What a run will cost. */
export function describeTextPlan(plan: TextPlan & { seconds: number; layer: string }): string {
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    `layer            ${plan.layer}`,
    `texts            ${plan.texts}`,
    `units            ${plan.units}, the rows of A`,
    `runs of g        ${plan.encoderRuns}`,
    `runs of h        ${plan.headRuns}`,
    `memory           ${megabytes(plan.memory.activations)} activations, ${megabytes(plan.memory.factorization)} factorisation, ${megabytes(plan.memory.importance)} importance`,
    ...(plan.stored > 0 ? [`disk             ${megabytes(plan.stored)} activations, freed at the end`] : []),
    `time in g and h  about ${Math.ceil(plan.seconds)} s`,
    '',
  ].join('\n');
}

/** What each way of treating signs keeps of the model's answers. */
export function describeSigns({ signs, inputs }: TextExplanation): string {
  const lines = signs.map(
    ({ way, layer, top1Agreement, r2, accuracy }) =>
      `  ${NAMES[way].padEnd(28)} at ${layer}: same class ${percent(top1Agreement)}, R² ${r2 === null ? 'undefined' : r2.toFixed(2)}${accuracy === null ? '' : `, accuracy ${percent(accuracy)}`}`,
  );
  const own = inputs.accuracy === null ? '' : ` The model's own accuracy here: ${percent(inputs.accuracy)}.`;
  return [`The class named from concepts alone, h(UW), against the model's.${own}`, ...lines].join('\n');
}

const NAMES: Readonly<Record<SignsReport['way'], string>> = {
  nmf: 'NMF',
  'semi-nmf': 'Semi-NMF',
  split: 'NMF of the split [a⁺, a⁻]',
  relu: 'NMF at the ReLU of the head',
};

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
