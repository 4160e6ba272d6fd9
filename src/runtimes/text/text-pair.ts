// f, g and h of a text classifier in a runtime.

import { type InputBatch, isTensor } from '../../craft/batches.ts';
import type { CutCheck } from '../../craft/classifier.ts';
import type { FoldHead } from '../../craft/folded-head.ts';
import { CraftError } from '../../errors.ts';
import type { Tokens } from '../../inputs/text/tokens.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { asMatrix, comparedCut } from '../cut-pair.ts';
import { inParts } from '../fixed-batch.ts';
import { headFolder } from '../fold-head.ts';
import type { HeadFolder } from '../kept-fold.ts';
import { type LateSession, openedLate } from '../late-session.ts';
import type { Runtime, Session } from '../runtime.ts';
import { type Batching, textGroups } from './text-batches.ts';
import { type TextInputs, textFeeds } from './text-feeds.ts';
import { TextBackward } from './text-vjp.ts';

/** A part of the model that reads token ids. */
interface TextPart {
  /** ONNX */
  readonly model: Uint8Array;
  /** Names of the inputs that it has. */
  readonly inputs: readonly string[];
  readonly output: string;
}

/** What a pair is made of. */
export interface TextParts {
  /** g: ids → latent. */
  readonly encoder: TextPart;
  /** h: latent → scores. */
  readonly head: { readonly model: Uint8Array; readonly output: string };
  /** f: ids → scores. */
  readonly whole: TextPart;
  /** ids → states of the tokens that the latent is a pool of; null if it is none. */
  readonly tokens: TextPart | null;
  readonly latent: string;
  /** Latents in one run of h; null if any number goes. */
  readonly latentBatch: number | null;
  readonly inputs: TextInputs;
  readonly padId: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly tokenize: (text: string) => Tokens;
}

/** f, g and h, open; each is opened when it first runs, h at once. */
export class TextPair {
  readonly #parts: TextParts;
  readonly #encoder: LateSession;
  readonly #whole: LateSession;
  readonly #tokens: LateSession | null;
  readonly #folder: HeadFolder;
  /** Parts h, class by class. */
  readonly foldHead: FoldHead;
  /** Gradients of g and f. */
  readonly backward: TextBackward;
  readonly #head: Session;
  /** Set when it is known which texts may run together. */
  batching: Batching = 'alone';
  /** Texts that g ran on so far. */
  encoderRuns = 0;

  private constructor(runtime: Runtime, parts: TextParts, head: Session) {
    const late = ({ model }: TextPart): LateSession => openedLate(() => runtime.open(model, parts.files));
    this.#parts = parts;
    this.#head = head;
    this.#encoder = late(parts.encoder);
    this.#whole = late(parts.whole);
    this.#tokens = parts.tokens && late(parts.tokens);
    this.#folder = headFolder(runtime, { head: parts.head.model, files: parts.files });
    this.foldHead = this.#folder.fold;
    this.backward = new TextBackward(runtime, parts, () => this.batching);
  }

  /** @throws {@link CraftError} `RUNTIME` if the engine does not take h. */
  static async open(runtime: Runtime, parts: TextParts): Promise<TextPair> {
    return new TextPair(runtime, parts, await runtime.open(parts.head.model, parts.files));
  }

  /** g */
  readonly inputToLatent = async (batch: InputBatch): Promise<Tensor<Float32Array>> => {
    if (isTensor(batch)) {
      throw new CraftError(
        'INPUT',
        'classifier: expected texts as an array of strings; got a tensor – this model reads text',
      );
    }
    return this.latents(batch.map(this.#parts.tokenize));
  };

  /** h, its scores as [b, classes]. */
  readonly latentToLogit = async (latents: Tensor): Promise<Tensor<Float32Array>> => {
    const { latent, head, latentBatch } = this.#parts;
    const run = async (part: Tensor): Promise<Tensor<Float32Array>> =>
      (await this.#head.run({ [latent]: part }))[head.output];
    return asMatrix(await inParts(latents, latentBatch, run));
  };

  /** Latents of texts that are tokens already, in their order. */
  async latents(texts: readonly Tokens[], batching = this.batching): Promise<Tensor<Float32Array>> {
    this.encoderRuns += texts.length;
    return this.#inGroups(this.#encoder, this.#parts.encoder, texts, batching);
  }

  /** f of texts that are tokens already, in their order: [b, classes]. */
  async scores(texts: readonly Tokens[], batching = this.batching): Promise<Tensor<Float32Array>> {
    return asMatrix(await this.#inGroups(this.#whole, this.#parts.whole, texts, batching));
  }

  /** States of the tokens of each text, [T, p], padding left out; null if the latent is no pool of them. */
  get tokenStates(): ((texts: readonly string[]) => Promise<Tensor[]>) | null {
    const session = this.#tokens;
    const part = this.#parts.tokens;
    if (!session || !part) return null;
    return async (texts) => {
      const tokens = texts.map(this.#parts.tokenize);
      const states: Tensor[] = new Array(texts.length);
      await this.#eachGroup(session, part, tokens, this.batching, (group, { data, dims: [, T, p] }) => {
        group.forEach((n, row) => {
          const length = tokens[n].ids.length;
          states[n] = { data: data.slice(row * T * p, (row * T + length) * p), dims: [length, p] };
        });
      });
      return states;
    };
  }

  /** h(g(x)) against f(x), in batches as texts run. @throws {@link CraftError} `CUT_MISMATCH`. */
  async check(texts: readonly Tokens[]): Promise<CutCheck & { readonly classes: number }> {
    const hg = await this.latentToLogit(await this.latents(texts));
    const check = comparedCut(this.#parts.latent, hg, await this.scores(texts));
    return { ...check, classes: hg.dims[1] };
  }

  async release(): Promise<void> {
    const open = [this.#encoder, this.#whole, this.#head, this.#tokens, this.#folder, this.backward];
    await Promise.all(open.map((session) => session?.release()));
  }

  async #inGroups(
    session: LateSession,
    part: TextPart,
    texts: readonly Tokens[],
    batching: Batching,
  ): Promise<Tensor<Float32Array>> {
    let data = new Float32Array();
    let dims: readonly number[] = [];
    await this.#eachGroup(session, part, texts, batching, (group, result) => {
      const rest = result.dims.slice(1);
      const size = sizeOf(rest);
      if (data.length === 0) {
        dims = rest;
        data = new Float32Array(texts.length * size);
      }
      if (String(rest) !== String(dims)) throw changing(part.output, dims, rest);
      group.forEach((n, row) => {
        data.set(result.data.subarray(row * size, (row + 1) * size), n * size);
      });
    });
    return { data, dims: [texts.length, ...dims] };
  }

  async #eachGroup(
    session: LateSession,
    part: TextPart,
    texts: readonly Tokens[],
    batching: Batching,
    use: (group: readonly number[], result: Tensor<Float32Array>) => void,
  ): Promise<void> {
    const { inputs, padId } = this.#parts;
    for (const group of textGroups(texts, batching, inputs.batch)) {
      const feeds = textFeeds(
        group.map((n) => texts[n]),
        inputs,
        padId,
        part.inputs,
      );
      use(group, (await session.run(feeds))[part.output]);
    }
  }
}

function changing(output: string, before: readonly number[], now: readonly number[]): CraftError {
  return new CraftError(
    'MODEL_UNSUPPORTED',
    `layer ${output}: expected a latent of one shape for texts of every length; got [${before}] and [${now}] – choose a layer after the pool, a vector for each text`,
  );
}
