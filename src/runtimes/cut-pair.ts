// g and h of a cut model in a runtime, and f to check them against.

import { type InputBatch, isTensor } from '../craft/batches.ts';
import type { CutCheck } from '../craft/classifier.ts';
import type { FoldHead } from '../craft/folded-head.ts';
import { CraftError } from '../errors.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { inParts, inPartsOfAtMost } from './fixed-batch.ts';
import { headFolder } from './fold-head.ts';
import type { HeadFolder } from './kept-fold.ts';
import { type LateSession, openedLate } from './late-session.ts';
import type { Runtime, Session } from './runtime.ts';
import { Backward } from './vjp.ts';

/** What a pair is made of: ONNX bytes and the names at their seams. */
export interface CutParts {
  /** g: input → latent. */
  readonly encoder: Uint8Array;
  /** h: latent → output. */
  readonly head: Uint8Array;
  /** f, opened only while it is compared with h∘g. */
  readonly whole: Uint8Array;
  /** Names of the input of f and g, of the latent, of h's output and of f's. */
  readonly input: string;
  readonly latent: string;
  readonly output: string;
  readonly wholeOutput: string;
  /** Inputs in one run; null if any number goes. */
  readonly batch: number | null;
  /** External data of all three. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * |h(g(x)) − f(x)| that float32 explains, as a share of the largest |f(x)|: cutting changes which operators
 * the engine fuses. Measured over 36 models: 4e-6 at worst.
 */
const CUT_TOLERANCE = 1e-4;

/** The two halves of a classifier, open. */
export class CutPair {
  readonly #runtime: Runtime;
  readonly #parts: CutParts;
  readonly #encoder: LateSession;
  readonly #head: Session;
  readonly #folder: HeadFolder;
  /** Parts h, class by class. */
  readonly foldHead: FoldHead;
  /** Gradients of g, h and f. */
  readonly backward: Backward;
  /** Inputs that g ran on so far. */
  encoderRuns = 0;

  private constructor(runtime: Runtime, parts: CutParts, encoder: LateSession, head: Session) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#encoder = encoder;
    this.#head = head;
    this.#folder = headFolder(runtime, parts);
    this.foldHead = this.#folder.fold;
    this.backward = new Backward(runtime, parts);
  }

  /**
   * Opens h now and g when it first runs, which is never where its results are kept from an earlier run.
   *
   * @throws {@link CraftError} `RUNTIME` if the engine does not take h.
   */
  static async open(runtime: Runtime, parts: CutParts): Promise<CutPair> {
    const encoder = openedLate(() => runtime.open(parts.encoder, parts.files));
    return new CutPair(runtime, parts, encoder, await runtime.open(parts.head, parts.files));
  }

  /** g */
  readonly inputToLatent = async (batch: InputBatch): Promise<Tensor<Float32Array>> => {
    if (!isTensor(batch)) {
      throw new CraftError(
        'INPUT',
        'classifier: expected images as a tensor; got texts – this model reads images',
      );
    }
    const { input, latent, batch: size } = this.#parts;
    this.encoderRuns += batch.dims[0];
    const run = async (part: Tensor) => (await this.#encoder.run({ [input]: part }))[latent];
    const { inputsAtOnce = Number.POSITIVE_INFINITY } = this.#runtime;
    return size === null ? inPartsOfAtMost(batch, inputsAtOnce, run) : inParts(batch, size, run);
  };

  /** h, its scores as [b, classes]. */
  readonly latentToLogit = async (latents: Tensor): Promise<Tensor<Float32Array>> => {
    const { latent, output, batch: size } = this.#parts;
    return asMatrix(
      await inParts(latents, size, async (part) => (await this.#head.run({ [latent]: part }))[output]),
    );
  };

  /**
   * Largest |h(g(x)) − f(x)| on a batch.
   *
   * @throws {@link CraftError} `CUT_MISMATCH` above {@link CUT_TOLERANCE} of the largest |f(x)|.
   */
  async check(batch: Tensor): Promise<CutCheck> {
    const { input, wholeOutput, batch: size, files, whole } = this.#parts;
    const session = await this.#runtime.open(whole, files, 'once');
    let f: Tensor<Float32Array>;
    try {
      f = asMatrix(
        await inParts(batch, size, async (part) => (await session.run({ [input]: part }))[wholeOutput]),
      );
    } finally {
      await session.release();
    }
    const hg = await this.latentToLogit(await this.inputToLatent(batch));
    return comparedCut(this.#parts.latent, hg, f);
  }

  async release(): Promise<void> {
    const opened = [this.#encoder, this.#head, this.#folder, this.backward];
    await Promise.all(opened.map((one) => one.release()));
  }
}

/**
 * h(g(x)) against f(x), [b, classes] each.
 *
 * @throws {@link CraftError} `CUT_MISMATCH` above {@link CUT_TOLERANCE} of the largest |f(x)|.
 */
export function comparedCut(latent: string, hg: Tensor<Float32Array>, f: Tensor<Float32Array>): CutCheck {
  const check = { inputs: f.dims[0], ...compare(hg.data, f.data) };
  if (!(check.maxAbsDifference <= CUT_TOLERANCE * Math.max(check.maxAbsLogit, 1))) {
    throw new CraftError(
      'CUT_MISMATCH',
      `cut at ${latent}: expected h(g(x)) = f(x); got a difference of ${check.maxAbsDifference} where scores reach ${check.maxAbsLogit} – choose another layer`,
    );
  }
  return check;
}

function compare(a: Float32Array, b: Float32Array): { maxAbsDifference: number; maxAbsLogit: number } {
  if (a.length !== b.length) return { maxAbsDifference: Number.POSITIVE_INFINITY, maxAbsLogit: 0 };
  let maxAbsDifference = 0;
  let maxAbsLogit = 0;
  for (let i = 0; i < a.length; i++) {
    // Math.max passes NaN on, so that a NaN fails the check
    maxAbsDifference = Math.max(maxAbsDifference, Math.abs(a[i] - b[i]));
    maxAbsLogit = Math.max(maxAbsLogit, Math.abs(b[i]));
  }
  return { maxAbsDifference, maxAbsLogit };
}

/** Scores [b, classes], axes of length 1 (as a 1×1 map has) dropped. */
export function asMatrix({ data, dims }: Tensor<Float32Array>): Tensor<Float32Array> {
  const classes = sizeOf(dims.slice(1));
  const axes = dims.slice(1).filter((d) => d !== 1);
  if (dims.length === 0 || axes.length > 1) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `model output: expected class scores [N, classes]; got dims [${dims}]`,
    );
  }
  return { data, dims: [dims[0], classes] };
}
