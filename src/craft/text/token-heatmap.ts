// How much of a concept each token or word of a text holds.

import { CraftError } from '../../errors.ts';
import type { Tokens } from '../../inputs/text/tokens.ts';
import { textWords } from '../../inputs/text/words.ts';
import { nnls } from '../../math/nnls.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { gradientScores } from './gradient-scores.ts';
import { type Coefficients, occlude, wordParts } from './occlusion.ts';
import type { TokenVjp } from './token-vjp.ts';

/** Tokens or words in order, with a score each. */
export interface TokenHeatmap {
  /** Words as they stand in the text; pieces as the vocabulary has them for `projection`. */
  readonly tokens: string[];
  readonly scores: Float64Array;
  readonly method: 'states' | 'occlusion' | 'gradient' | 'projection';
}

/** Options of {@link Craft.tokenHeatmap}. */
export interface HeatmapOptions {
  /**
   * - `states`: u_i of the state of each token, by the concept bank's own NNLS, the largest of a word's pieces. Not
   *   negative, and 0 for a token whose state other concepts explain. Needs a latent that is a pool of token states.
   * - `occlusion`: u_i(x) − u_i(x without the word). Works with every model.
   * - `gradient`: integrated gradients of u_i by a word's embeddings, from those of padding to its own, through the
   *   NNLS that defines u_i and through g. All scores of a text add up to u_i(x) − u_i(padding). As many runs for a
   *   short text as for a long one; needs a model that can be differentiated.
   * - `projection`: state · w_i / (‖w_i‖ + 1e-8) of each piece, as the 2025 reproduction has it. What all states have
   *   in common colours every token.
   *
   * Default: `states` where there are token states, else `occlusion`.
   */
  readonly method?: TokenHeatmap['method'];
  /** Points on the way that `gradient` integrates over; 1 or more, default 8. */
  readonly steps?: number;
}

/** What a heatmap is computed from. */
export interface HeatmapSource {
  readonly W: Tensor;
  readonly coefficients: Coefficients;
  readonly tokenize: ((text: string) => Tokens) | null;
  /** States of the tokens of texts, [T, p] each; null where the latent is no pool of them. */
  readonly tokenStates: ((texts: readonly string[]) => Promise<Tensor[]>) | null;
  /** Gradients of g by the embeddings of tokens; null where there are none. */
  readonly tokenVjp: TokenVjp | null;
}

/** In the reproduction's denominator. */
const EPSILON = 1e-8;
const STEPS = 8;

/**
 * Scores of one concept over a text; special tokens are left out.
 *
 * @throws {@link CraftError} `OPTION` if there is no such concept, method or number of steps; `STATE` if the method needs token states
 *   and there are none, or gradients; `MODEL_UNSUPPORTED` if the model has none.
 */
export async function tokenHeatmap(
  text: string,
  concept: number,
  source: HeatmapSource,
  {
    method = source.tokenStates && source.tokenize ? 'states' : 'occlusion',
    steps = STEPS,
  }: HeatmapOptions = {},
): Promise<TokenHeatmap> {
  const r = source.W.dims[0];
  if (!Number.isInteger(concept) || concept < 0 || concept >= r) {
    throw new CraftError('OPTION', `tokenHeatmap: expected a concept from 0 to ${r - 1}; got ${concept}`);
  }
  switch (method) {
    case 'occlusion':
      return occluded(text, concept, source);
    case 'gradient':
      return differentiated(text, concept, source, steps);
    case 'states':
      return projected(text, concept, source);
    case 'projection':
      return reproduced(text, concept, source);
    default:
      throw new CraftError(
        'OPTION',
        `tokenHeatmap: expected method states, occlusion, gradient or projection; got ${String(method)}`,
      );
  }
}

async function occluded(
  text: string,
  concept: number,
  { coefficients, tokenize }: HeatmapSource,
): Promise<TokenHeatmap> {
  const spans = wordParts(text, Number.POSITIVE_INFINITY, tokenize ? readEnd(tokenize(text)) : text.length);
  const { scores } = await occlude(text, spans, coefficients);
  const r = scores.dims[1];
  return {
    tokens: spans.map(({ start, end }) => text.slice(start, end)),
    scores: Float64Array.from(spans, (_, s) => scores.data[s * r + concept]),
    method: 'occlusion',
  };
}

async function differentiated(
  text: string,
  concept: number,
  { tokenize, tokenVjp, W }: HeatmapSource,
  steps: number,
): Promise<TokenHeatmap> {
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new CraftError('OPTION', `tokenHeatmap: expected steps, a whole number ≥ 1; got ${steps}`);
  }
  if (!tokenize || !tokenVjp) {
    throw new CraftError(
      'STATE',
      "tokenHeatmap: expected a classifier with tokenVjp and tokenize; got none – use method 'occlusion'",
    );
  }
  const words = textWords(text, tokenize(text));
  const scores = await gradientScores(text, concept, { W, tokenVjp }, steps);
  return {
    tokens: words.map(({ start, end }) => text.slice(start, end)),
    scores: Float64Array.from(words, ({ firstToken, lastToken }) =>
      scores.subarray(firstToken, lastToken).reduce((sum, s) => sum + s, 0),
    ),
    method: 'gradient',
  };
}

async function projected(text: string, concept: number, source: HeatmapSource): Promise<TokenHeatmap> {
  const { tokens, states } = await statesOf(text, source);
  const words = textWords(text, tokens);
  const r = source.W.dims[0];
  const U = words.length > 0 ? (await nnls(states, source.W)).data : [];
  return {
    tokens: words.map(({ start, end }) => text.slice(start, end)),
    scores: Float64Array.from(words, ({ firstToken, lastToken }) => {
      let most = 0;
      for (let t = firstToken; t < lastToken; t++) most = Math.max(most, U[t * r + concept]);
      return most;
    }),
    method: 'states',
  };
}

async function reproduced(text: string, concept: number, source: HeatmapSource): Promise<TokenHeatmap> {
  const { tokens, states } = await statesOf(text, source);
  const p = states.dims[1];
  const w = Float64Array.from(source.W.data.subarray(concept * p, (concept + 1) * p));
  const norm = Math.sqrt(w.reduce((sum, v) => sum + v * v, 0)) + EPSILON;
  const kept = tokens.pieces.map((_, t) => t).filter((t) => tokens.offsets[2 * t] >= 0);
  return {
    tokens: kept.map((t) => tokens.pieces[t].replaceAll('Ġ', '')),
    scores: Float64Array.from(kept, (t) => {
      let product = 0;
      for (let c = 0; c < p; c++) product += states.data[t * p + c] * w[c];
      return product / norm;
    }),
    method: 'projection',
  };
}

async function statesOf(
  text: string,
  { tokenize, tokenStates }: HeatmapSource,
): Promise<{ tokens: Tokens; states: Tensor }> {
  if (!tokenize || !tokenStates) {
    throw new CraftError(
      'STATE',
      "tokenHeatmap: expected a latent that is a pool of token states, with tokenStates and tokenize; got none – use method 'occlusion'",
    );
  }
  const [states] = await tokenStates([text]);
  return { tokens: tokenize(text), states };
}

/** Where what the model reads of a text ends. */
export function readEnd({ offsets }: Tokens): number {
  let end = 0;
  for (let t = 1; t < offsets.length; t += 2) end = Math.max(end, offsets[t]);
  return end;
}
