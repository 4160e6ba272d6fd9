// What the reader of an explanation of texts must know before trusting it, found from its numbers.

import type { TextExplanation } from './text-explanation.ts';

/** Below this R² or agreement, h(UW) is not what the model says. */
const LOW = 0.5;
/** Fewer texts than this make wide intervals and chance concepts. */
const FEW_TEXTS = 10;
/** From this share on, most of what the model does not read matters. */
const MANY_CUT = 0.5;

/** Warnings in plain words, most important first; empty if there is nothing to warn of. */
export function textWarnings(explanation: TextExplanation): string[] {
  const { completeness, inputs, importance, factorization, class: target } = explanation;
  const { items } = inputs;
  const hits = items.filter(({ predicted }) => predicted.id === target.id).length;
  const found: [boolean, string][] = [
    [
      completeness.r2 !== null && completeness.r2 < LOW,
      `The concepts rebuild the class score poorly (R² ${signed(completeness.r2 ?? 0)}): what they say is only part of what the model does. More concepts, other units or another layer may help.`,
    ],
    [
      completeness.top1Agreement < LOW,
      `Rebuilt from its concepts, the model keeps its top class on only ${percent(completeness.top1Agreement)} of the texts.`,
    ],
    [
      hits < items.length / 2,
      `The model's top class is “${target.label}” on only ${hits} of ${items.length} texts: this explains its score for a class that it mostly does not choose here.`,
    ],
    [
      items.length < FEW_TEXTS,
      `Only ${items.length} texts: concepts and intervals from so few may be chance.`,
    ],
    [
      inputs.truncated >= MANY_CUT * items.length,
      `${inputs.truncated} of ${items.length} texts are longer than the model reads: their scores are of their beginnings. Units are read whole where they are short enough.`,
    ],
    [
      importance.degenerate > 0,
      `On ${importance.degenerate} texts no concept moves the score; they count as 0 in every importance.`,
    ],
    [
      !factorization.converged,
      `The factorisation stopped at its limit of ${factorization.iterations} iterations before it had converged.`,
    ],
    [inputs.skippedCount > 0, `${inputs.skippedCount} rows were skipped because they could not be used.`],
  ];
  return found.filter(([applies]) => applies).map(([, warning]) => warning);
}

/** With a real minus sign: these are sentences. */
function signed(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
