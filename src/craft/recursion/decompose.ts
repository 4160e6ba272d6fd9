// A Craft's concept looked at from earlier layers, and taken apart there.

import { CraftError } from '../../errors.ts';
import { nnls } from '../../math/nnls.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { CraftParts } from '../parts.ts';
import { type Child, type DecomposeOptions, fitChild, splitToMake } from './child.ts';
import { cutsOf } from './cut.ts';
import type { RowOrigin } from './encode-rows.ts';
import { type Examination, examine, type Fitted } from './examine.ts';
import { RandomRows } from './random-rows.ts';
import { takeRows } from './select.ts';
import { type ExamineOptions, resolveExamine } from './settings.ts';

/** A fit of inputs that can be encoded again: the beginning of a tree. */
export function fittedOf(origin: RowOrigin, U: Tensor, seed: number): Fitted {
  const random = new RandomRows(origin, seed);
  return { ...origin, U, random, coefficientsOfRandom: async () => takeRows(U, random.rows) };
}

/** The fit of a child, whose rows are some of the parent's. */
export function fittedChild({ inputs, random }: Fitted, { tried, factorization }: Child): Fitted {
  const { sources, grid } = tried.encoded;
  return {
    inputs,
    sources,
    grid,
    U: factorization.U,
    random,
    async coefficientsOfRandom(run) {
      const { A, places } = await random.at(tried.cut, run);
      const U = await nnls(A, factorization.W, { signal: run.signal });
      return largestByPlace(U, places, random.rows.length);
    },
  };
}

/** Rows by the row of the fit that they are of, where there are several: the largest of each column. */
function largestByPlace({ data, dims: [, r] }: Tensor, places: readonly number[], count: number): Tensor {
  const out = new Float64Array(count * r);
  places.forEach((place, row) => {
    for (let i = 0; i < r; i++) {
      out[place * r + i] = Math.max(out[place * r + i], data[row * r + i]);
    }
  });
  return { data: out, dims: [count, r] };
}

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
