// The seam between the method and a runtime: a classifier that is cut in two.

import type { Preprocess } from '../inputs/preprocess.ts';
import type { Tokens } from '../inputs/text/tokens.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ActivationSpace, KeyedInputs } from './activation-store.ts';
import type { GridLayer, Vjp } from './attribution/vjp.ts';
import type { InputBatch } from './batches.ts';
import type { FoldFacts, FoldHead } from './folded-head.ts';
import type { LatentLayout, LatentRead } from './layout.ts';
import type { EarlierLayer } from './recursion/layers.ts';
import type { TokenVjp } from './text/token-vjp.ts';

/** h(g(x)) against f(x) on one batch. */
export interface CutCheck {
  /** Inputs in the batch. */
  readonly inputs: number;
  /** Largest |h(g(x)) − f(x)| over inputs and classes. */
  readonly maxAbsDifference: number;
  /** Largest |f(x)|, to judge the difference by. */
  readonly maxAbsLogit: number;
}

/** What is known of the model file. */
export interface ModelInfo {
  readonly name: string;
  readonly format: 'onnx' | 'tflite';
  readonly sha256: string;
  readonly bytes: number;
  readonly input: { readonly name: string; readonly dims: (number | null)[] };
  /** Class scores before any softmax: where h ends. */
  readonly output: { readonly name: string; readonly dims: (number | null)[] };
}

/** What is known of the layer where f is cut. */
export interface LayerChoice {
  readonly tensor: string;
  readonly name: string;
  readonly op: string;
  readonly dims: (number | null)[];
  readonly layout: LatentLayout;
  readonly prefixTokens: number;
  readonly reads: LatentRead;
  readonly chosenBy: 'user' | 'suggestion';
}

/**
 * A classifier f = h∘g, loaded and ready to run. It can be spread into the options of `Craft`:
 * `new Craft({ ...classifier, numberOfConcepts: 10 })`.
 */
export interface Classifier {
  /** g: images in the model's layout, preprocessed, to latents. */
  readonly inputToLatent: (batch: InputBatch) => Promise<Tensor>;
  /** h: latents to class scores [b, classes], before any softmax. */
  readonly latentToLogit: (latent: Tensor) => Promise<Tensor>;
  /**
   * Vector-Jacobian products of g, h and f, each graph made and opened when it is first used.
   * Throws `MODEL_UNSUPPORTED` with the op that has no gradient, and what works without.
   */
  readonly vjp: Vjp;
  /** The last layer before the latent with places in the image, for maps of latents that have none. */
  readonly gridLayer: GridLayer | null;
  /** Parts h for one class, where its graph has an affine beginning. */
  readonly foldHead: FoldHead;
  /** How {@link Classifier.foldHead} will part h for r concepts; null: not at all. Runs nothing. */
  foldFacts(rank: number): FoldFacts | null;
  /** Names of the classes, or null if none came with the model. */
  readonly labels: readonly string[] | null;
  readonly classes: number;
  /** Dims of the model's input; null where free. */
  readonly inputShape: readonly (number | null)[];
  readonly inputLayout: 'NCHW' | 'NHWC';
  readonly latentLayout: LatentLayout;
  readonly prefixTokens: number;
  readonly reads: LatentRead;
  /** Whether h is an affine function of the latent, found from its graph. */
  readonly affineHead: boolean;
  readonly preprocess: Preprocess;
  readonly model: ModelInfo;
  readonly layer: LayerChoice;
  /** Names and versions of what computes. */
  readonly versions: Readonly<Record<string, string>>;
  /** What a user should know of this model and cut. */
  readonly warnings: readonly string[];
  /** Where activations of this model at this layer are kept between runs; null: nowhere. */
  readonly activations: ActivationSpace | null;
  /** Inputs that g ran on so far, those of checks too. */
  encoderRuns(): number;
  /** Inputs that {@link Classifier.vjp} ran on so far. */
  gradientRuns(): number;
  /**
   * Compares h(g(x)) with f(x).
   * @throws CraftError `CUT_MISMATCH` if they differ by more than float arithmetic explains.
   */
  check(batch: Tensor): Promise<CutCheck>;
  /** Where it can be cut before its layer, one cut a block, nearest first. */
  readonly earlier: readonly EarlierLayer[];
  /**
   * The same classifier, cut at another layer: the same model, preprocessing and classes. A layer is opened
   * once, and closed with the classifier that this one came from.
   *
   * @throws CraftError `LAYER_NOT_FOUND`, `NOT_A_CUT`, `CUT_MISMATCH`, `RUNTIME`.
   */
  at(layer: string): Promise<Classifier>;
  /** Frees the sessions; the classifier cannot be used after. */
  release(): Promise<void>;
}

/**
 * A text classifier f = h∘g, loaded and ready to run. A text has the same latent and the same scores in every
 * batch: padding is kept out, or texts of one length run together.
 */
export interface TextClassifier
  extends Omit<
    Classifier,
    'inputLayout' | 'preprocess' | 'check' | 'vjp' | 'gridLayer' | 'gradientRuns' | 'earlier' | 'at'
  > {
  /** g: an array of texts to latents [b, p]. Texts longer than {@link maxTokens} are cut. */
  readonly inputToLatent: (batch: InputBatch) => Promise<Tensor>;
  /** f itself: texts to class scores [b, classes], before any softmax. */
  textToLogit(texts: readonly string[]): Promise<Tensor>;
  /**
   * Last states of the tokens of each text, [T, p] with special tokens, in the space of the latent: what g pools.
   * null where the latent is no pool of tokens.
   */
  readonly tokenStates: ((texts: readonly string[]) => Promise<Tensor[]>) | null;
  /**
   * Gradients of g and of f by the embeddings of the tokens, each graph made and opened when it is first used.
   * Throws `MODEL_UNSUPPORTED` with the op that has no gradient, and what works without.
   */
  readonly tokenVjp: TokenVjp;
  /** Ids, pieces and their places in the text. */
  tokenize(text: string): Tokens;
  /** Most tokens of one text, special tokens included. */
  readonly maxTokens: number;
  /** Latents that are never negative, known from the graph; false: they are signed or may be. */
  readonly nonNegative: boolean;
  /**
   * Which texts run together, found by a run: `padded`, of any length, where the model ignores padding; else those
   * of `equal-lengths`; `alone` where even those change each other (weights quantised while it runs).
   */
  readonly batching: 'padded' | 'equal-lengths' | 'alone';
  /**
   * Compares h(g(x)) with f(x), in one batch with padding.
   * @throws CraftError `CUT_MISMATCH` if they differ by more than float arithmetic explains.
   */
  check(texts: readonly string[]): Promise<CutCheck>;
}

/** Images to explain, in batches, with names; the same batches every time it is iterated. */
export interface ImageSource extends AsyncIterable<Tensor>, Partial<Pick<KeyedInputs, 'keyedBatches'>> {
  /** Of the folder, without its path. */
  readonly source: string;
  /** Of the images used, in the order of the batches; complete after one pass. */
  readonly names: readonly string[];
  readonly skipped: readonly { name: string; reason: string }[];
  /** Number of files that may turn out to be images. */
  readonly total: number;
}
