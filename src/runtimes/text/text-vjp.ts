// Vector-Jacobian products of a text model, by the embeddings of its tokens.

import type { TokenGradients, TokenVjp } from '../../craft/text/token-vjp.ts';
import { CraftError } from '../../errors.ts';
import type { Tokens } from '../../inputs/text/tokens.ts';
import { type TokenGradient, tokenGradient } from '../../onnx/token-gradient.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Runtime, Session } from '../runtime.ts';
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

interface Opened extends TokenGradient {
  readonly session: Session;
}

/** Gradients of g and f; each graph is made and opened when it is first used. */
export class TextBackward {
  readonly #runtime: Runtime;
  readonly #parts: TextBackwardParts;
  readonly #batching: () => Batching;
  readonly #opened = new Map<'latent' | 'logit', Promise<Opened>>();

  constructor(runtime: Runtime, parts: TextBackwardParts, batching: () => Batching) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.#batching = batching;
  }

  /**
   * @throws {@link CraftError} `MODEL_UNSUPPORTED` with the op that has no gradient and what works without; `SHAPE`;
   *   `RUNTIME`.
   */
  readonly vjp: TokenVjp = async (texts, cotangent, { of }) => {
    checkCotangent(texts, cotangent);
    const part = of === 'latent' ? this.#parts.encoder : this.#parts.whole;
    const opened = await this.#open(of, part);
    const { inputs, padId, tokenize } = this.#parts;
    const tokens = texts.map(tokenize);
    const found: TokenGradients[] = new Array(texts.length);
    for (const group of textGroups(tokens, this.#batching(), inputs.batch)) {
      const members = group.map((n) => tokens[n]);
      const result = await opened.session.run({
        ...textFeeds(members, inputs, padId, part.inputs),
        [opened.cotangent]: rowsOf(cotangent, group, inputs.batch ?? group.length),
      });
      group.forEach((n, row) => {
        const length = tokens[n].ids.length;
        found[n] = {
          embeddings: textRows(result[opened.embedding], row, length),
          gradients: textRows(result[opened.gradient], row, length),
        };
      });
    }
    return found;
  };

  async release(): Promise<void> {
    for (const opened of this.#opened.values()) await (await opened.catch(() => null))?.session.release();
  }

  #open(of: 'latent' | 'logit', { model, output }: Differentiated): Promise<Opened> {
    let opened = this.#opened.get(of);
    if (!opened) {
      opened = (async () => {
        const gradient = tokenGradient(model, output, this.#parts.inputs.ids);
        return { ...gradient, session: await this.#runtime.open(gradient.model, this.#parts.files) };
      })();
      this.#opened.set(of, opened);
    }
    return opened;
  }
}

function checkCotangent(texts: readonly string[], { dims }: Tensor): void {
  if (dims.length === 2 && dims[0] === texts.length) return;
  throw new CraftError(
    'SHAPE',
    `tokenVjp: expected a cotangent [${texts.length}, p or classes], a row for each text; got dims [${dims}]`,
  );
}

/** Rows of a matrix, filled up with rows of 0 to `count`. */
function rowsOf({ data, dims: [, width] }: Tensor, rows: readonly number[], count: number): Tensor {
  const picked = new Float32Array(count * width);
  rows.forEach((n, k) => {
    picked.set(data.subarray(n * width, (n + 1) * width), k * width);
  });
  return { data: picked, dims: [count, width] };
}

/** The first `length` tokens of one text, padding left out. */
function textRows({ data, dims: [, T, ...rest] }: Tensor<Float32Array>, row: number, length: number) {
  const d = sizeOf(rest);
  return { data: data.slice(row * T * d, (row * T + length) * d), dims: [length, d] };
}
