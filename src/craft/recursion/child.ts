// A concept taken apart: the fit of its rows at an earlier layer, and what its parts are worth.
//
// Notation: rows of parent concept i, l' the earlier layer, U' [m, r'] and W' [r', p'] of A' ≈ U'W',
// h' from l' to the class scores, T_j the total Sobol index of part j on the parent's own crops:
// y(m) = h'(A' − (u' ⊙ (1 − m)) W')_class, m ∈ [0,1]^r'.

import { CraftError } from '../../errors.ts';
import { nnls } from '../../math/nnls.ts';
import { rSquared } from '../../math/stats.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Coefficients, coefficientsOf } from '../concepts.ts';
import { type Factorization, factorize } from '../factorize.ts';
import type { Importance, ImportanceOptions } from '../importance.ts';
import { checkOneOf, checkWhole, type RunOptions } from '../options.ts';
import { sampledImportance } from '../sampled-importance.ts';
import type { PartOfConcept } from './encode-rows.ts';
import type { Examination, Fitted, TriedLayer } from './examine.ts';
import { openRestScorer } from './folded-rest.ts';
import { scoreWithAndWithout } from './rest-scores.ts';
import { columnOf } from './select.ts';
import type { ExamineOptions } from './settings.ts';

/** Options of {@link Craft.decompose}. */
export interface DecomposeOptions extends ExamineOptions {
  /** r', the number of sub-concepts; default: the elbow of the rank curve. */
  readonly numberOfConcepts?: number;
  /** What {@link Craft.examine} found of this concept, so that nothing is run again. */
  readonly examination?: Examination;
}

/** Where the concepts of a child come from. */
export interface ChildOrigin {
  /** Index of the concept in the parent's fit. */
  readonly concept: number;
  /** The earlier layer l', by the name it was asked for. */
  readonly layer: string;
  /** The row of the parent's U that each row of the child's U is of: [m]. */
  readonly parents: readonly number[];
  /** The parent's coefficient on each of them: [m]. */
  readonly weights: readonly number[];
  /**
   * R² of the parent's coefficient, explained as the non-negative combination of the child's coefficients that fits
   * it best, over these rows and random rows of the fit that the tree begins with; null if all have the same. (On
   * these rows alone, a tenth that was chosen for having much of it, hardly anything is left to explain.) Low where
   * the layers between do more than add.
   */
  readonly explained: number | null;
}

/**
 * The layer and the number of concepts that an examination comes to, whatever its verdict: those of the split
 * it found, else of the layer with the largest score, else two concepts at the nearest layer.
 *
 * @param numberOfConcepts - r' if it is given.
 * @throws {@link CraftError} `VALUE` if too few rows were found to look at, `LAYER_NOT_FOUND` if there was no
 *   layer to look from.
 */
export function splitToMake(
  { best, tried, verdict, rows, concept }: Examination,
  numberOfConcepts?: number,
): { tried: TriedLayer; numberOfConcepts: number } {
  const scoreOf = ({ elbow }: TriedLayer): number => elbow?.score ?? Number.NEGATIVE_INFINITY;
  const chosen = best ?? [...tried].sort((a, b) => scoreOf(b) - scoreOf(a))[0];
  if (!chosen && verdict === 'few-rows') {
    throw new CraftError(
      'VALUE',
      `decompose: expected more rows of concept ${concept}; got ${rows.rows.length} at or above the percentile – lower \`percentile\`, or fit on more inputs or smaller patches`,
    );
  }
  if (!chosen) {
    throw new CraftError(
      'LAYER_NOT_FOUND',
      'decompose: expected a layer before that of the concepts; got none – name one with `layer`',
    );
  }
  return { tried: chosen, numberOfConcepts: numberOfConcepts ?? chosen.elbow?.concepts ?? 2 };
}

/** A fitted child. */
export interface Child {
  readonly tried: TriedLayer;
  readonly factorization: Factorization;
  readonly origin: ChildOrigin;
}

/**
 * Factorises the rows of a concept at one of the layers tried.
 *
 * @param numberOfConcepts - r', at most the number of rows.
 */
export async function fitChild(
  parent: Fitted,
  examination: Examination,
  tried: TriedLayer,
  numberOfConcepts: number,
  run: RunOptions,
): Promise<Child> {
  const { encoded, cut } = tried;
  const factorization = await factorize(encoded.A, { ...cut.resolved, numberOfConcepts }, run);
  const coefficients = columnOf(parent.U, examination.concept);
  const values = encoded.parents.map((row) => coefficients[row]);
  return {
    tried,
    factorization,
    origin: {
      concept: examination.concept,
      layer: cut.layer,
      parents: encoded.parents,
      weights: values,
      explained: await explained(parent, examination, tried, factorization, values, run),
    },
  };
}

/** R² over the rows of the child and the random rows; see {@link ChildOrigin.explained}. */
async function explained(
  parent: Fitted,
  { concept }: Examination,
  { cut }: TriedLayer,
  { U, W }: Factorization,
  values: readonly number[],
  run: RunOptions,
): Promise<number | null> {
  const { A, places } = await parent.random.at(cut, run);
  const others = await nnls(A, W, { signal: run.signal });
  const onRandom = columnOf(await parent.coefficientsOfRandom(run), concept);
  const both = {
    data: Float64Array.from([...U.data, ...others.data]),
    dims: [values.length + places.length, W.dims[0]],
  };
  return explainedBy(both, [...values, ...places.map((place) => onRandom[place])], run);
}

async function explainedBy(
  U: Tensor,
  values: readonly number[],
  { signal }: RunOptions,
): Promise<number | null> {
  const [m, r] = U.dims;
  // β = argmin_{β ≥ 0} ‖v − Uβ‖²: v as one row on the columns of U
  const columns = new Float64Array(r * m);
  for (let k = 0; k < m * r; k++) columns[(k % r) * m + Math.floor(k / r)] = U.data[k];
  const beta = await nnls(
    { data: Float64Array.from(values), dims: [1, m] },
    { data: columns, dims: [r, m] },
    { signal },
  );
  const predicted = values.map((_, row) => {
    let sum = 0;
    for (let j = 0; j < r; j++) sum += beta.data[j] * U.data[row * r + j];
    return sum;
  });
  const r2 = rSquared(predicted, values);
  return Number.isFinite(r2) ? r2 : null;
}

/** Importance of the parts of a concept on its own crops. */
export interface Shares extends Importance {
  /** Crops (or inputs) that the importance is taken over. */
  readonly parts: number;
  /** Mean class score of them. */
  readonly whole: number;
  /** The same with all sub-concepts removed: what they hold together is the difference. */
  readonly without: number;
}

/** Options of {@link Craft.estimateShares}. */
export type SharesOptions = Pick<
  ImportanceOptions,
  'classId' | 'nbDesign' | 'sampler' | 'estimator' | 'confidence' | keyof RunOptions
>;

/**
 * T_j of every part, mean over the parent's crops, with all else of the latent kept (for dense rows: over the
 * inputs, with masks where the concept is). Where h' has an affine beginning, that is folded away.
 *
 * @throws {@link CraftError} `STATE` without h at the earlier layer; `OPTION`, `CLASS_NOT_FOUND`, `ABORTED`.
 */
export async function sharesOf({ tried, factorization }: Child, options: SharesOptions): Promise<Shares> {
  const { cut, encoded } = tried;
  if (!cut.head) {
    throw new CraftError(
      'STATE',
      `estimateShares: expected latentToLogit at layer ${cut.layer}; got none – let \`at\` return it`,
    );
  }
  const { classId, confidence = 0.95, estimator = 'jansen', nbDesign = 32, sampler = 'sobol' } = options;
  checkWhole('classId', classId, 0);
  checkWhole('nbDesign', nbDesign, 2);
  checkOneOf('sampler', sampler, ['sobol', 'halton', 'latin-hypercube']);
  const { signal, onProgress } = options;
  const { W } = factorization;
  const latents = encoded.latents.map(({ latents }) => latents);
  const coefficients: Coefficients[] = [];
  for (const part of encoded.latents) {
    coefficients.push(onlyTheConcept(await coefficientsOf(part.latents, W, 'exact', signal), part));
  }
  const { batchSize, seed } = cut.resolved;
  const [rank] = W.dims;
  const scored = { latents, coefficients, W, head: cut.head, classId, batchSize };
  const scorer = await openRestScorer(scored, cut.foldHead);
  try {
    const importance = await sampledImportance(
      scorer.scores({ signal, onProgress }),
      { inputs: latents.length, rank, path: scorer.path },
      { nbDesign, sampler, estimator, confidence },
      seed,
    );
    const ends = await scoreWithAndWithout(scorer.scores({ signal }), { parts: latents.length, rank });
    return { ...importance, parts: latents.length, ...ends };
  } finally {
    await scorer.release();
  }
}

/** The coefficients with 0 in every location that is not of the concept. */
function onlyTheConcept(coefficients: Coefficients, { locations }: PartOfConcept): Coefficients {
  if (!locations) return coefficients;
  const { rank: r } = coefficients;
  const data = new Float32Array(coefficients.data.length);
  for (const t of locations) data.set(coefficients.data.subarray(t * r, (t + 1) * r), t * r);
  return { ...coefficients, data };
}
