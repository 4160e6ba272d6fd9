// How much the tokens of a text raise a concept, by the gradient of its coefficient.
//
// Notation: e_t [d] the embedding of token t; a = g(e) [p]; u(a) by NNLS on W, so that ∂u_i/∂a comes by implicit
// differentiation; score s_t = e_t · ∂u_i/∂e_t, the first-order change of u_i as e_t goes to 0.

import { nnlsVjp } from '../../math/implicit.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Coefficients } from './occlusion.ts';
import type { TokenVjp } from './token-vjp.ts';

/** Share of a concept's squared norm that keeps (W_S W_Sᵀ + ρI) invertible; changes a gradient by as little. */
const RIDGE = 1e-9;

/** What the scores are computed from. */
export interface GradientSource {
  /** [r, p] */
  readonly W: Tensor;
  readonly coefficients: Coefficients;
  readonly tokenVjp: TokenVjp;
}

/**
 * Scores of one concept at every token, special tokens included; runs g forward once and backward once on each text.
 *
 * @returns [T] for each text; 0 where the concept is not active, since u_i has no slope there.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if g has no gradient.
 */
export async function gradientScores(
  texts: readonly string[],
  concept: number,
  { W, coefficients, tokenVjp }: GradientSource,
): Promise<Float64Array[]> {
  const U = await coefficients([...texts]);
  const [n, r] = U.dims;
  const cotangent = { data: new Float32Array(n * r), dims: [n, r] };
  for (let row = 0; row < n; row++) cotangent.data[row * r + concept] = 1;
  const { data, dims } = nnlsVjp(U, W, cotangent, { ridge: ridgeOf(W) });
  const pulled = await tokenVjp(texts, { data: Float32Array.from(data), dims }, { of: 'latent' });
  return pulled.map(({ embeddings, gradients }) => {
    const [T, d] = gradients.dims;
    return Float64Array.from({ length: T }, (_, t) => {
      let sum = 0;
      for (let k = t * d; k < (t + 1) * d; k++) sum += embeddings.data[k] * gradients.data[k];
      return sum;
    });
  });
}

function ridgeOf({ data, dims }: Tensor): number {
  let norm = 0;
  for (let c = 0; c < data.length; c++) norm += data[c] ** 2;
  return (RIDGE * norm) / dims[0];
}
