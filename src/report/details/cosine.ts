import type { Tensor } from '../../tensor/tensor.ts';

/** Cosine of the angle between each two rows of W [r, p]: [r, r]; 0 for a row of zeros. */
export function cosines({ data, dims: [r, p] }: Tensor): Tensor {
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < p; k++) sum += data[i * p + k] * data[j * p + k];
    return sum;
  };
  const norms = Float64Array.from({ length: r }, (_, i) => Math.sqrt(dot(i, i)));
  const values = new Float64Array(r * r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) {
      const product = norms[i] * norms[j];
      values[i * r + j] = values[j * r + i] = product > 0 ? dot(i, j) / product : 0;
    }
  }
  return { data: values, dims: [r, r] };
}
