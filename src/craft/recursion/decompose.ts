// A Craft's concept looked at from earlier layers, and taken apart there.

import { CraftError } from '../../errors.ts';
import type { CraftParts } from '../parts.ts';
import { type Child, type DecomposeOptions, fitChild, splitToMake } from './child.ts';
import { cutsOf } from './cut.ts';
import { type Examination, examine, type Fitted } from './examine.ts';
import { type ExamineOptions, resolveExamine } from './settings.ts';

/** A fit whose rows can be encoded again. @throws {@link CraftError} `STATE`, `OPTION` for a wrong concept. */
export function needFitted(method: string, fitted: Fitted | null, concept: number): Fitted {
  if (!fitted) {
    throw new CraftError(
      'STATE',
      `${method}: expected a fit on inputs that can be encoded again; got one on activations, or useConcepts`,
    );
  }
  const r = fitted.U.dims[1];
  if (!(Number.isInteger(concept) && concept >= 0 && concept < r)) {
    throw new CraftError('OPTION', `${method}: expected a concept from 0 to ${r - 1}; got ${concept}`);
  }
  return fitted;
}

/** See `Craft.examine`. */
export async function examineConcept(
  parts: CraftParts,
  fitted: Fitted,
  concept: number,
  options: ExamineOptions,
): Promise<Examination> {
  const settings = resolveExamine(options);
  const cuts = await cutsOf(parts.layers, parts.options, { ...settings, layer: options.layer });
  const { factorizer, seed } = parts.options;
  const { signal, onProgress } = options;
  return examine(fitted, concept, cuts, settings, { factorizer, seed, signal, onProgress });
}

/** See `Craft.decompose`. */
export async function decomposeConcept(
  parts: CraftParts,
  fitted: Fitted,
  concept: number,
  options: DecomposeOptions,
): Promise<Child> {
  const leastRows = options.leastRows ?? options.numberOfConcepts;
  const examination =
    options.examination ?? (await examineConcept(parts, fitted, concept, { ...options, leastRows }));
  const { tried, numberOfConcepts } = splitToMake(examination, options.numberOfConcepts);
  const { signal, onProgress } = options;
  return fitChild(fitted, examination, tried, numberOfConcepts, { signal, onProgress });
}
