// Two ways to rank concepts by the gradient of the class score at the latent.
//
// Notation: d_ni = Σ_t W_i · ∂y_n/∂A_nt, the slope of the score of input n when concept i is added everywhere.

import type { Tensor } from '../tensor/tensor.ts';

/**
 * TCAV score of each concept: the share of inputs whose score rises with it, d_ni > 0. [r]. Many are 0 or 1, so
 * equal shares are told apart by the mean of d, scaled to less than any difference of shares.
 *
 * @param slopes - d, [N, r].
 * @see Kim et al., Interpretability beyond feature attribution: TCAV (ICML 2018).
 */
export function tcavScores({ data, dims: [N, r] }: Tensor): Float64Array {
  const means = columnMeans(data, N, r);
  const largest = means.reduce((most, d) => Math.max(most, Math.abs(d)), 0) || 1;
  return Float64Array.from({ length: r }, (_, i) => {
    let rising = 0;
    for (let n = 0; n < N; n++) if (data[n * r + i] > 0) rising++;
    return rising / N + means[i] / largest / (4 * N);
  });
}

/**
 * Gradient × activation: the mean over inputs of Σ_t u_nti (W_i · ∂y_n/∂A_nt). [r]
 *
 * @param products - Σ_t u_nti (W_i · ∂y_n/∂A_nt), [N, r].
 */
export function gradientActivation({ data, dims: [N, r] }: Tensor): Float64Array {
  return columnMeans(data, N, r);
}

function columnMeans(data: Tensor['data'], N: number, r: number): Float64Array {
  const means = new Float64Array(r);
  for (let k = 0; k < N * r; k++) means[k % r] += data[k] / N;
  return means;
}
