// Which way a concept moves the output, from the runs that its total index needs anyway.

import { CraftError } from '../errors.ts';
import { checkMatrix, type Tensor } from '../tensor/tensor.ts';

/**
 * E[∂y/∂m_i]: which way concept i moves the output. Least squares, through the origin, of y(C_i) − y(A)
 * on the change of m_i between the two; exact if y is affine in m. 0 if m_i does not change.
 *
 * @param outputs - y of one input, [N(r + 2)], the rows of B not read.
 * @param design - the design that y was taken on, [N(r + 2), r].
 * @returns [r], in units of y for a concept that goes from removed to whole.
 * @throws {@link CraftError} `SHAPE` if the sizes do not fit N ≥ 1 and r ≥ 1.
 */
export function signedEffect(outputs: Float64Array, design: Tensor, nbDesign: number): Float64Array {
  checkMatrix(design, 'signedEffect: design');
  const N = nbDesign;
  const [rows, r] = design.dims;
  if (!(Number.isInteger(N) && N >= 1) || rows !== N * (r + 2) || outputs.length !== rows) {
    throw new CraftError(
      'SHAPE',
      `signedEffect: expected a design [N(r + 2), r] and as many outputs; got [${design.dims}], ${outputs.length} outputs, N = ${N}`,
    );
  }
  return Float64Array.from({ length: r }, (_, i) => {
    let products = 0;
    let squares = 0;
    for (let n = 0; n < N; n++) {
      const c = (2 + i) * N + n;
      const step = design.data[c * r + i] - design.data[n * r + i];
      products += step * (outputs[c] - outputs[n]);
      squares += step * step;
    }
    return squares === 0 ? 0 : products / squares;
  });
}
