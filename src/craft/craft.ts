// CRAFT: factorise the activations of g, rank the concepts by what h makes of them, show where they are.
//
// Notation: f = h∘g the classifier, A [n, p] activations of g, U [n, r] coefficients, W [r, p] concept bank,
// A ≈ UW. See Fel et al., CRAFT, CVPR 2023.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';
import type { AttributionMaps } from './attribution/attribute.ts';
import {
  conceptFaithfulness,
  type FaithfulnessOptions,
  type OrderCurves,
} from './attribution/concept-faithfulness.ts';
import { attributionMaps, mapTarget } from './attribution/craft-maps.ts';
import { fitStability, type Stability } from './attribution/fit-stability.ts';
import type { MapOptions } from './attribution/map-options.ts';
import type { MapTarget } from './attribution/target.ts';
import { areActivations, type CraftInputs } from './batches.ts';
import { type Factorization, type FactorizeOptions, factorize } from './factorize.ts';
import type { Fit } from './fit.ts';
import { estimateImportance, type Importance, type ImportanceOptions } from './importance.ts';
import { withoutPrefix } from './maps.ts';
import type { CraftOptions, ResolvedOptions, RunOptions } from './options.ts';
import { CraftParts, type TransformOptions } from './parts.ts';
import { type Reconstruction, reconstruct } from './reconstruct.ts';
import {
  type Child,
  type ChildOrigin,
  type DecomposeOptions,
  type Shares,
  type SharesOptions,
  sharesOf,
} from './recursion/child.ts';
import {
  decomposeConcept,
  examineConcept,
  fittedChild,
  fittedOf,
  needFitted,
} from './recursion/decompose.ts';
import type { Examination, Fitted } from './recursion/examine.ts';
import type { ExamineOptions } from './recursion/settings.ts';
import { type RobustnessOptions, robustness } from './robustness.ts';
import type { Robustness } from './robustness-schema.ts';
import { type HeatmapOptions, type TokenHeatmap, tokenHeatmap } from './text/token-heatmap.ts';

export type { Fit, TransformOptions };

/**
 * Concept-based explanation of a classifier that is given as two functions.
 *
 * The same inputs object given to several methods is encoded once: latents are kept as long as the object
 * lives, and found again by the object and a hash of its data.
 *
 * @example
 * const craft = new Craft({ inputToLatent, latentToLogit, numberOfConcepts: 10 });
 * const { U, W, crops } = await craft.fit(images);
 * const { total, lower, upper } = await craft.estimateImportance(images, { classId: 2 });
 */
export class Craft {
  readonly #parts: CraftParts;
  #W: Tensor | null = null;
  #fitted: Fitted | null = null;
  #child: Child | null = null;

  /** @throws {@link CraftError} `OPTION` that names the first wrong option. */
  constructor(options: CraftOptions) {
    this.#parts = new CraftParts(options);
  }

  get options(): ResolvedOptions {
    return this.#parts.options;
  }

  /**
   * Finds the concepts of a set of inputs.
   *
   * @param inputs - images [N,C,H,W] (or NHWC), activations [n,p], texts, or an iterable of batches.
   * @param options - also how to factorise: `solver`, `init`, `maxIter`, `tol` (see nmf).
   * @returns U [n,r], W [r,p] with rows of unit norm, and the source of every row.
   * @throws {@link CraftError} `SHAPE`, `VALUE`, `NO_INPUTS`, `ABORTED`.
   */
  async fit(inputs: CraftInputs, options: RunOptions & FactorizeOptions = {}): Promise<Fit> {
    const rows = await this.#parts.rows(inputs, options);
    const factorization = await factorize(rows.A, this.options, options);
    this.#W = factorization.W;
    const grid = this.#parts.encoder.shape?.grid ?? null;
    const origin = { inputs, sources: rows.sources, grid };
    this.#fitted = areActivations(inputs) ? null : fittedOf(origin, factorization.U, this.options.seed);
    return { ...factorization, crops: rows.sources, inputs: rows.inputs, grid };
  }

  /**
   * Takes a concept bank found before instead of fitting one.
   *
   * @param W - [r, p]
   * @throws {@link CraftError} `SHAPE`, `VALUE`.
   */
  useConcepts(W: Tensor): void {
    checkMatrix(W, 'useConcepts: W');
    this.#W = W;
    this.#fitted = null;
  }

  /**
   * Coefficients of inputs on the concepts: u = argmin_{u ≥ 0} ½‖a − uW‖² at every location.
   *
   * @returns [N, r] for vectors, [N, h, w, r] for maps and for tokens that form a grid, [N, T, r] for other
   *   tokens; tokens before the grid are left out.
   * @throws {@link CraftError} `STATE` before a fit.
   */
  async transform(inputs: CraftInputs, options: TransformOptions = {}): Promise<Tensor<Float32Array>> {
    return withoutPrefix(await this.#parts.coefficients(inputs, this.#concepts('transform'), options));
  }

  /**
   * Total Sobol indices of the concepts for one class, with intervals; see {@link estimateImportance}.
   *
   * @throws {@link CraftError} `STATE` before a fit or without `latentToLogit`.
   */
  async estimateImportance(
    inputs: CraftInputs,
    options: ImportanceOptions & TransformOptions,
  ): Promise<Importance> {
    const parts = this.#parts;
    const head = parts.needHead('estimateImportance');
    const W = this.#concepts('estimateImportance');
    const coefficients = await parts.coefficients(inputs, W, options);
    const { affineHead, batchSize, seed } = this.options;
    const { foldHead } = parts;
    return estimateImportance({ head, foldHead, W, coefficients, affineHead, batchSize, seed }, options);
  }

  /**
   * Where in each image a concept is, or what a class score depends on: [N, K, H, W] for K concepts (or one
   * class) and images of H × W. What the values are is said at {@link MapOptions.method}; a method that cannot
   * be computed throws, and is never replaced by another.
   *
   * @throws {@link CraftError} `SHAPE` if the inputs are no images or `latent` finds no grid; `STATE` before a
   *   fit, or without the `vjp` that a method needs; `MODEL_UNSUPPORTED` for an op that has no gradient;
   *   `OPTION`, `CLASS_NOT_FOUND`, `ABORTED`.
   */
  async attributionMaps(inputs: CraftInputs, options: MapOptions = {}): Promise<AttributionMaps> {
    return attributionMaps(this.#parts, () => this.#concepts('attributionMaps'), inputs, options);
  }

  /** The numbers that {@link Craft.attributionMaps} maps, as functions of images; to test maps with. */
  mapTarget(options: MapOptions): MapTarget {
    return mapTarget(this.#parts, () => this.#concepts('attributionMaps'), options);
  }

  /**
   * How much of a concept each word of a text holds; see {@link HeatmapOptions}.
   *
   * @param conceptId - index of the concept in W.
   * @throws {@link CraftError} `STATE` before a fit, or without the token states that a method needs; `OPTION`.
   */
  async tokenHeatmap(text: string, conceptId: number, options: HeatmapOptions = {}): Promise<TokenHeatmap> {
    const W = this.#concepts('tokenHeatmap');
    const { tokenize = null, tokenStates = null, tokenVjp = null } = this.#parts.tokens;
    const coefficients = (texts: string[]) => this.transform(texts);
    const source = { W, coefficients, tokenize, tokenStates, tokenVjp };
    return tokenHeatmap(text, conceptId, source, options);
  }

  /**
   * Concept deletion and insertion: the class score as concepts are removed, or added, in the order of their
   * importance, against random orders and, with `vjp`, the orders by gradient × activation and by TCAV.
   *
   * @returns null where the concepts together do not raise the mean score.
   * @throws {@link CraftError} `STATE` before a fit or without `latentToLogit`; `CLASS_NOT_FOUND`, `ABORTED`.
   */
  async conceptFaithfulness(
    inputs: CraftInputs,
    options: FaithfulnessOptions,
  ): Promise<OrderCurves[] | null> {
    const parts = this.#parts;
    const head = parts.needHead('conceptFaithfulness');
    const W = this.#concepts('conceptFaithfulness');
    const latents = await parts.latents(inputs, options);
    const coefficients = await parts.coefficients(inputs, W, options);
    const { foldHead, vjp } = parts;
    const { batchSize, seed } = this.options;
    return conceptFaithfulness({ head, foldHead, vjp, W, latents, coefficients, batchSize, seed }, options);
  }

  /**
   * How well other seeds and each half of the inputs find the same concepts; encodes the rows again unless
   * their activations are kept.
   *
   * @throws {@link CraftError} `STATE` before a fit; `ABORTED`.
   */
  async stability(inputs: CraftInputs, options: RunOptions = {}): Promise<Stability> {
    const W = this.#concepts('stability');
    return fitStability(await this.#parts.rows(inputs, options), W, this.options, options);
  }

  /**
   * Fits with other seeds, on halves of the inputs and with other numbers of concepts: what of the concepts, of
   * R² and of the importance stays. Encodes the rows again unless their activations are kept.
   *
   * @param fit - what {@link Craft.fit} returned.
   * @throws {@link CraftError} `STATE` without `latentToLogit`; `CLASS_NOT_FOUND`, `OPTION`, `ABORTED`.
   */
  async robustness(inputs: CraftInputs, fit: Factorization, options: RobustnessOptions): Promise<Robustness> {
    const parts = this.#parts;
    const rows = await parts.rows(inputs, options);
    const latents = await parts.latents(inputs, options);
    return robustness({ parts, rows, latents, fit }, options);
  }

  /** Class scores of inputs and of their reconstruction UW, [N, classes] each, and ‖A − UW‖ / ‖A‖. */
  async reconstruct(inputs: CraftInputs, options: RunOptions = {}): Promise<Reconstruction> {
    const head = this.#parts.needHead('reconstruct');
    const W = this.#concepts('reconstruct');
    const latents = await this.#parts.latents(inputs, options);
    const coefficients = await this.#parts.coefficients(inputs, W, options);
    const encoded = latents.map((batch, k) => ({ latents: batch, coefficients: coefficients[k] }));
    return reconstruct(encoded, W, head, this.options.batchSize);
  }

  /**
   * Whether a concept is several at an earlier layer: its rows are encoded again there, factorised for a
   * number of concepts, and compared with shuffled rows and between halves. What was found, with all numbers
   * and a verdict; {@link Craft.decompose} takes it.
   *
   * @param concept - index in the fit.
   * @throws {@link CraftError} `STATE` before a fit on inputs, or if the layers of the model are not known;
   *   `OPTION`; `LAYER_NOT_FOUND`, `NOT_A_CUT` for a wrong layer; `ABORTED`.
   */
  async examine(concept: number, options: ExamineOptions = {}): Promise<Examination> {
    return examineConcept(this.#parts, this.#needFitted('examine', concept), concept, options);
  }

  /**
   * Takes a concept apart: the rows where it is strongest, encoded at an earlier layer and factorised again.
   * The child is a Craft at that layer, with the sub-concepts fitted; it can be decomposed in turn.
   *
   * @param concept - index in the fit.
   * @param options - the layer and the number of sub-concepts; by default those that {@link Craft.examine}
   *   finds, whatever its verdict.
   * @throws {@link CraftError} as {@link Craft.examine}; `VALUE` if too few rows reach the percentile.
   * @see Fel et al., CRAFT (2023), §3.2.
   */
  async decompose(concept: number, options: DecomposeOptions = {}): Promise<Craft> {
    const fitted = this.#needFitted('decompose', concept);
    const made = await decomposeConcept(this.#parts, fitted, concept, options);
    const child = new Craft({ ...made.tried.cut.options, numberOfConcepts: made.factorization.W.dims[0] });
    child.#W = made.factorization.W;
    child.#fitted = fittedChild(fitted, made);
    child.#child = made;
    return child;
  }

  /** What {@link Craft.decompose} fitted; null for a Craft that it did not make. */
  get decomposition(): (Fit & ChildOrigin) | null {
    if (!this.#child || !this.#fitted) return null;
    const { factorization, origin } = this.#child;
    const { sources, grid } = this.#fitted;
    const inputs = new Set(sources.map(({ input }) => input)).size;
    return { ...factorization, ...origin, crops: sources, inputs, grid };
  }

  /**
   * Total Sobol indices of the sub-concepts on the crops that they were found in, through h of their layer:
   * shares of the parent. Times the parent's importance they are on its scale; docs/recursion.md says why.
   *
   * @throws {@link CraftError} `STATE` unless {@link Craft.decompose} made this Craft, or without
   *   `latentToLogit` at its layer.
   */
  async estimateShares(options: SharesOptions): Promise<Shares> {
    if (!this.#child) {
      throw new CraftError('STATE', 'estimateShares: expected a Craft that decompose made; got another');
    }
    return sharesOf(this.#child, options);
  }

  #needFitted(method: string, concept: number): Fitted {
    this.#concepts(method);
    return needFitted(method, this.#fitted, concept);
  }

  #concepts(method: string): Tensor {
    if (this.#W) return this.#W;
    throw new CraftError(
      'STATE',
      `${method}: expected a fitted Craft; got one before fit() – call fit first`,
    );
  }
}
