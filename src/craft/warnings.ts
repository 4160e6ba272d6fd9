// What the reader of an explanation must know before trusting it, found from its numbers.

import type { Explanation } from './explanation.ts';

/** Below this R² or agreement, h(UW) is not what the model says. */
const LOW = 0.5;
/** From this correlation on, the two scores rise and fall together. */
const FOLLOWS = 0.7;
/** Fewer inputs than this make wide intervals and chance concepts. */
const FEW_INPUTS = 10;

/** Warnings in plain words, most important first; empty if there is nothing to warn of. */
export function warningsOf({
  completeness,
  inputs,
  importance,
  factorization,
  class: target,
}: Explanation): string[] {
  const warnings: string[] = [];
  const { items, skipped } = inputs;
  const { r2, correlation, bias } = completeness;
  if (r2 !== null && r2 < LOW) {
    const offset = correlation !== null && correlation >= FOLLOWS;
    warnings.push(
      offset
        ? `Rebuilt from its concepts, the class score follows the model's from image to image (correlation ${correlation.toFixed(2)}) but comes out ${Math.abs(bias).toFixed(1)} too ${bias < 0 ? 'low' : 'high'} on average (R² ${signed(r2, 2)}, which counts that): that part of the score is in no concept. Larger patches or rows = dense often find more of it.`
        : `The concepts rebuild the class score poorly (R² ${signed(r2, 2)}): what they say is only part of what the model does. More concepts, larger patches or another layer may help.`,
    );
  }
  if (completeness.top1Agreement < LOW) {
    warnings.push(
      `Rebuilt from its concepts, the model keeps its top class on only ${Math.round(100 * completeness.top1Agreement)} % of the inputs.`,
    );
  }
  const hits = items.filter((item) => item.predicted.id === target.id).length;
  if (hits < items.length / 2) {
    warnings.push(
      `The model's top class is “${target.label}” on only ${hits} of ${items.length} inputs: this explains its score for a class that it mostly does not choose here.`,
    );
  }
  if (items.length < FEW_INPUTS) {
    warnings.push(`Only ${items.length} inputs: concepts and intervals from so few may be chance.`);
  }
  if (importance.degenerate > 0) {
    warnings.push(
      `On ${importance.degenerate} inputs no concept moves the score; they count as 0 in every importance.`,
    );
  }
  if (!factorization.converged) {
    warnings.push(
      `The factorisation stopped at its limit of ${factorization.iterations} iterations before it had converged.`,
    );
  }
  if (skipped.length > 0) {
    const one = skipped.length === 1;
    warnings.push(
      `${skipped.length} ${one ? 'file was skipped because it' : 'files were skipped because they'} could not be read.`,
    );
  }
  return warnings;
}

/** With a real minus sign: these are sentences. */
function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace('-', '−');
}
