// The options of Craft, checked in one place.

import { CraftError } from '../errors.ts';
import type { Tokens } from '../inputs/text/tokens.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ActivationSpace } from './activation-store.ts';
import type { GridLayer, Vjp } from './attribution/vjp.ts';
import type { InputBatch } from './batches.ts';
import type { FoldHead } from './folded-head.ts';
import type { LatentLayout, LatentRead } from './layout.ts';
import type { EarlierLayer } from './recursion/layers.ts';
import type { TokenVjp } from './text/token-vjp.ts';

/** Where a long step stands; `total` is null while it is not known. */
export interface Progress {
  readonly stage: 'encode' | 'factorize' | 'transform' | 'importance' | 'maps' | 'evaluate';
  readonly done: number;
  readonly total: number | null;
}

/** How to stop a long step and how to follow it. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of {@link Craft}. Only `inputToLatent` is required. */
export interface CraftOptions {
  /** g: a batch of inputs to its latents [b,p], [b,T,p] or [b,C,H,W]. */
  inputToLatent(batch: InputBatch): Tensor | Promise<Tensor>;
  /** h: latents in g's layout to class scores [b, classes]. Needed for importance only. */
  latentToLogit?(latent: Tensor): Tensor | Promise<Tensor>;
  /** r, the number of concepts; default 20. */
  readonly numberOfConcepts?: number;
  /** Side of a crop in pixels of the model's input; default 64. */
  readonly patchSize?: number;
  /** Inputs, crops or latents in one run of g or h; default 64. */
  readonly batchSize?: number;
  /** A row of A is a crop (default) or a location of g of the whole input. */
  readonly rows?: 'crops' | 'dense';
  /** `auto` (default): NMF if every activation is ≥ 0, else Semi-NMF. */
  readonly factorizer?: 'auto' | 'nmf' | 'semi-nmf';
  /** Of every random choice; default 0. */
  readonly seed?: number;
  /** Layout of images in a batch; default NCHW. */
  readonly inputLayout?: 'NCHW' | 'NHWC';
  /** Layout of g's latents; `auto` (default): 4 dims NCHW, 3 dims NTC, 2 dims NC. */
  readonly latentLayout?: LatentLayout | 'auto';
  /** Tokens before the grid (CLS, registers) of NTC latents; default 0. */
  readonly prefixTokens?: number;
  /** What h reads of tokens; a crop's row is the same read. Default `mean`. */
  readonly reads?: LatentRead;
  /** Parts h so that its affine beginning need not run for every mask; default: h runs whole. */
  readonly foldHead?: FoldHead;
  /** Vector-Jacobian products of g, h and f, for maps by gradients; default: none. */
  readonly vjp?: Vjp;
  /** For `grad-cam` where the latent has no places in the image; default: none. */
  readonly gridLayer?: GridLayer | null;
  /** Layers before that of g, nearest first, that concepts can be taken apart at; default: none are known. */
  readonly earlier?: readonly EarlierLayer[];
  /** g and h for another layer of the same model, with what belongs to that layer; default: there is none. */
  at?(layer: string): Promise<CraftOptions>;
  /** Tokens of a text with their places in it, for heatmaps of texts; default: none. */
  tokenize?(text: string): Tokens;
  /** States of the tokens of texts, [T, p] each, where the latent is a pool of them; default: it is none. */
  readonly tokenStates?: ((texts: readonly string[]) => Promise<Tensor[]>) | null;
  /** Gradients of g by the embeddings of tokens, for heatmaps by gradients; default: none. */
  readonly tokenVjp?: TokenVjp;
  /** h is known to be an affine function of the latent: importance has a closed form. Default false. */
  readonly affineHead?: boolean;
  /** Scale the rows of W to unit norm after the fit, U to match; default true. */
  readonly unitNorm?: boolean;
  /** Where activations of inputs that have keys are kept between runs; default: nowhere. */
  readonly activations?: ActivationSpace | null;
}

export type ResolvedOptions = Required<
  Omit<
    CraftOptions,
    | 'inputToLatent'
    | 'latentToLogit'
    | 'foldHead'
    | 'activations'
    | 'vjp'
    | 'gridLayer'
    | 'earlier'
    | 'at'
    | 'tokenize'
    | 'tokenStates'
    | 'tokenVjp'
  >
>;

const defaults: ResolvedOptions = {
  numberOfConcepts: 20,
  patchSize: 64,
  batchSize: 64,
  rows: 'crops',
  factorizer: 'auto',
  seed: 0,
  inputLayout: 'NCHW',
  latentLayout: 'auto',
  prefixTokens: 0,
  reads: 'mean',
  affineHead: false,
  unitNorm: true,
};

/** Options with their defaults. @throws {@link CraftError} `OPTION` that names the first wrong one. */
export function resolveOptions(options: CraftOptions): ResolvedOptions {
  if (typeof options?.inputToLatent !== 'function') {
    throw new CraftError(
      'OPTION',
      `inputToLatent: expected a function; got ${typeof options?.inputToLatent}`,
    );
  }
  const given = Object.entries(options).filter(([name, value]) => name in defaults && value !== undefined);
  const resolved: ResolvedOptions = { ...defaults, ...Object.fromEntries(given) };
  checkWhole('numberOfConcepts', resolved.numberOfConcepts, 1);
  checkWhole('patchSize', resolved.patchSize, 1);
  checkWhole('batchSize', resolved.batchSize, 1);
  checkWhole('seed', resolved.seed, 0);
  checkWhole('prefixTokens', resolved.prefixTokens, 0);
  checkOneOf('rows', resolved.rows, ['crops', 'dense']);
  checkOneOf('factorizer', resolved.factorizer, ['auto', 'nmf', 'semi-nmf']);
  checkOneOf('inputLayout', resolved.inputLayout, ['NCHW', 'NHWC']);
  checkOneOf('latentLayout', resolved.latentLayout, ['auto', 'NCHW', 'NHWC', 'NTC', 'NC']);
  checkOneOf('reads', resolved.reads, ['mean', 'prefix', 'all']);
  return resolved;
}

/** @throws {@link CraftError} `OPTION` unless `value` is a whole number ≥ `least`. */
export function checkWhole(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new CraftError('OPTION', `${name}: expected a whole number ≥ ${least}; got ${String(value)}`);
  }
}

/** @throws {@link CraftError} `OPTION` unless `value` is one of `choices`. */
export function checkOneOf(name: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string)) {
    throw new CraftError('OPTION', `${name}: expected one of ${choices.join(', ')}; got ${String(value)}`);
  }
}
