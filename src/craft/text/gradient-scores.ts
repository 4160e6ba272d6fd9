// How much the tokens of a text raise a concept, by gradients of its coefficient.
//
// Notation: e_t [d] the embedding of token t, e′_t that of padding, e(α) = e′ + α (e − e′); a = g(e) [p]; u(a) by NNLS
// on W, so that ∂u_i/∂a comes by implicit differentiation. Score of a token, by integrated gradients,
//
//     s_t = (e_t − e′_t) · ∫₀¹ ∂u_i/∂e_t at e(α) dα,    Σ_t s_t = u_i(e) − u_i(e′).
//
// The gradient at e alone tells nothing of a word: encoders scale each embedding to one length (LayerNormalization)
// before they read it, so that e_t · ∂u_i/∂e_t is about 0 for every t (Euler).
//
// Source: Sundararajan et al., Axiomatic attribution for deep networks (ICML 2017), arXiv 1703.01365.

import { nnlsVjp } from '../../math/implicit.ts';
import { nnls } from '../../math/nnls.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TokenVjp } from './token-vjp.ts';

/** Share of a concept's squared norm that keeps (W_S W_Sᵀ + ρI) invertible; changes a gradient by as little. */
const RIDGE = 1e-9;

/** What the scores are computed from. */
export interface GradientSource {
  /** [r, p] */
  readonly W: Tensor;
  readonly tokenVjp: TokenVjp;
}

/**
 * Scores of one concept at every token, special tokens included, which have 0. The integral is the mean over the
 * middles of equal steps; g runs twice forward and once backward at each.
 *
 * @param steps - at least 1.
 * @returns [T]; not only 0 where u_i is 0, as it may rise and fall on the way.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if g has no gradient.
 */
export async function gradientScores(
  text: string,
  concept: number,
  { W, tokenVjp }: GradientSource,
  steps: number,
): Promise<Float64Array> {
  const r = W.dims[0];
  const ridge = ridgeOf(W);
  const slopeOfConcept = async (latents: Tensor): Promise<Tensor> => {
    const U = await nnls(latents, W);
    const v = new Float32Array(U.data.length);
    for (let k = concept; k < v.length; k += r) v[k] = 1;
    const { data, dims } = nnlsVjp(U, W, { data: v, dims: U.dims }, { ridge });
    return { data: Float32Array.from(data), dims };
  };
  const at = Array.from({ length: steps }, (_, k) => (k + 0.5) / steps);
  const texts = at.map(() => text);
  const pulled = await tokenVjp(texts, slopeOfConcept, { of: 'latent', at });
  const [T, d] = pulled[0].gradients.dims;
  const scores = new Float64Array(T);
  for (const { embeddings: e, baseline: b, gradients } of pulled) {
    for (let k = 0; k < T * d; k++) {
      scores[Math.floor(k / d)] += ((e.data[k] - b.data[k]) * gradients.data[k]) / steps;
    }
  }
  return scores;
}

function ridgeOf({ data, dims }: Tensor): number {
  let norm = 0;
  for (let c = 0; c < data.length; c++) norm += data[c] ** 2;
  return (RIDGE * norm) / dims[0];
}
