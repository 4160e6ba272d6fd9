// Vector-Jacobian products of a text model, by the embeddings of its tokens.

import type { Cotangent, TokenGradients, TokenVjp } from '../../craft/text/token-vjp.ts';
import { CraftError } from '../../errors.ts';
import type { Tokens } from '../../inputs/text/tokens.ts';
import { type EmbeddingPart, type EmbeddingParts, partAtEmbeddings } from '../../onnx/at-embeddings.ts';
import { type TokenGradient, tokenGradient } from '../../onnx/token-gradient.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { asMatrix } from '../cut-pair.ts';
import { type LateSession, openedLate } from '../late-session.ts';
import type { Runtime } from '../runtime.ts';
import { type Batching, textGroups } from './text-batches.ts';
import { type TextInputs, textFeeds } from './text-feeds.ts';

/** A part of the model that is differentiated. */
interface Differentiated {
  readonly model: Uint8Array;
  /** Names of the inputs that it has. */
  readonly inputs: readonly string[];
  readonly output: string;
}

/** What gradients are computed with. */
export interface TextBackwardParts {
  readonly encoder: Differentiated;
  readonly whole: Differentiated;
  readonly inputs: TextInputs;
  readonly padId: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly tokenize: (text: string) => Tokens;
}

/** A differentiated part, parted at its embeddings; each of the three is opened when it first runs. */
interface Opened extends Omit<TokenGradient, 'model'> {
  readonly output: string;
  readonly parts: EmbeddingParts;
  readonly sessions: ReadonlyMap<EmbeddingPart, LateSession>;
}

/** Texts that run together. */
interface Group {
  readonly tokens: readonly Tokens[];
  /** α of each. */
  readonly at: readonly number[];
  readonly cotangent: Cotangent;
}

/** Gradients of g and f; each graph is made when it is first used. */
export class TextBackward {
  readonly #runtime: Runtime;
  readonly #parts: TextBackwardParts;
  readonly #batching: () => Batching;
  readonly #opened = new Map<'latent' | 'logit', Opened>();

  constructor(runtime: Runtime, parts: TextBackwardParts, batching: () => Batching) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#batching = batching;
  }

  /**
   * @throws {@link CraftError} `MODEL_UNSUPPORTED` with the op that has no gradient and what works without; `SHAPE`;
   *   `RUNTIME`.
   */
  readonly vjp: TokenVjp = async (texts, cotangent, { of, at = texts.map(() => 1) }) => {
    if (typeof cotangent !== 'function') checkCotangent(texts.length, cotangent);
    if (at.length !== texts.length) {
      throw new CraftError(
        'SHAPE',
        `tokenVjp: expected an α for each of ${texts.length} texts; got ${at.length}`,
      );
    }
    const opened = this.#open(of);
    const tokens = texts.map(this.#parts.tokenize);
    const found: TokenGradients[] = new Array(texts.length);
    for (const members of textGroups(tokens, this.#batching(), this.#parts.inputs.batch)) {
      const results = await this.#gradients(opened, {
        tokens: members.map((n) => tokens[n]),
        at: members.map((n) => at[n]),
        cotangent: typeof cotangent === 'function' ? cotangent : rowsOf(cotangent, members),
      });
      members.forEach((n, row) => {
        found[n] = results[row];
      });
    }
    return found;
  };

  async release(): Promise<void> {
    for (const { sessions } of this.#opened.values()) {
      for (const session of sessions.values()) await session.release();
    }
  }

  async #gradients(opened: Opened, { tokens, at, cotangent }: Group): Promise<TokenGradients[]> {
    const { lookup, forward, backward } = opened.parts;
    const run = (part: EmbeddingPart, texts: readonly Tokens[], more: Record<string, Tensor> = {}) =>
      opened.sessions.get(part)!.run({ ...this.#feeds(part, texts), ...more });
    const embeddings = (await run(lookup, tokens))[opened.embedding];
    const baseline = (await run(lookup, tokens.map(this.#wordless)))[opened.embedding];
    const points = { [opened.embedding]: between(baseline, embeddings, at) };
    let v = cotangent;
    if (typeof v === 'function') {
      const outputs = (await run(forward, tokens, points))[opened.output];
      v = await v(withRows(asMatrix(outputs), tokens.length));
      checkCotangent(tokens.length, v);
    }
    // a batch of fixed size is filled up, with gradients of 0
    const [rows] = embeddings.dims;
    const found = await run(backward, tokens, { ...points, [opened.cotangent]: withRows(v, rows) });
    return tokens.map(({ ids: { length } }, row) => ({
      embeddings: textRows(embeddings, row, length),
      baseline: textRows(baseline, row, length),
      gradients: textRows(found[opened.gradient], row, length),
    }));
  }

  #feeds({ inputs }: EmbeddingPart, texts: readonly Tokens[]): Record<string, Tensor> {
    return textFeeds(texts, this.#parts.inputs, this.#parts.padId, inputs);
  }

  /** A text with padding in place of its words, which the model reads as it reads words. */
  readonly #wordless = (text: Tokens): Tokens => {
    const ids = text.ids.map((id, t) => (text.offsets[2 * t] < 0 ? id : this.#parts.padId));
    return { ...text, ids };
  };

  #open(of: 'latent' | 'logit'): Opened {
    const known = this.#opened.get(of);
    if (known) return known;
    const { inputs, files, encoder, whole } = this.#parts;
    const { model, output } = of === 'latent' ? encoder : whole;
    const gradient = tokenGradient(model, output, inputs.ids);
    const parts = partAtEmbeddings(gradient, output);
    const late = (part: EmbeddingPart) => openedLate(() => this.#runtime.open(part.model, files));
    const sessions = new Map(Object.values(parts).map((part: EmbeddingPart) => [part, late(part)]));
    const { cotangent, embedding, gradient: slope } = gradient;
    const opened = { cotangent, embedding, gradient: slope, output, parts, sessions };
    this.#opened.set(of, opened);
    return opened;
  }
}

function checkCotangent(texts: number, { dims }: Tensor): void {
  if (dims.length === 2 && dims[0] === texts) return;
  throw new CraftError(
    'SHAPE',
    `tokenVjp: expected a cotangent [${texts}, p or classes], a row for each text; got dims [${dims}]`,
  );
}

/** b + α (e − b), with an α for each of the first rows; the others are e. */
function between(
  baseline: Tensor<Float32Array>,
  { data: e, dims }: Tensor<Float32Array>,
  at: readonly number[],
): Tensor<Float32Array> {
  const size = sizeOf(dims.slice(1));
  const b = baseline.data;
  const data = e.map((value, k) => {
    const alpha = at[Math.floor(k / size)] ?? 1;
    return alpha === 1 ? value : b[k] + alpha * (value - b[k]);
  });
  return { data, dims };
}

/** Some rows of a matrix. */
function rowsOf({ data, dims: [, width] }: Tensor, rows: readonly number[]): Tensor {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((n, k) => {
    picked.set(data.subarray(n * width, (n + 1) * width), k * width);
  });
  return { data: picked, dims: [rows.length, width] };
}

/** A matrix cut to `rows`, or filled up to them with 0. */
function withRows({ data, dims: [, width] }: Tensor, rows: number): Tensor {
  const some = new Float32Array(rows * width);
  some.set(data.subarray(0, rows * width));
  return { data: some, dims: [rows, width] };
}

/** The first `length` tokens of one text, padding left out. */
function textRows({ data, dims: [, T, ...rest] }: Tensor<Float32Array>, row: number, length: number) {
  const d = sizeOf(rest);
  return { data: data.slice(row * T * d, (row * T + length) * d), dims: [length, d] };
}
