// Coefficients and reconstructions of latents that are vectors, whole or in chunks.

import { nnlsStream } from '../../math/nnls.ts';
import { isRowSource } from '../../math/row-source.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Coefficients, coefficientsOf } from '../concepts.ts';
import type { Head } from '../head.ts';
import { type LatentShape, latentShape } from '../layout.ts';
import type { RunOptions } from '../options.ts';
import { type Encoded, type Reconstruction, reconstruct } from '../reconstruct.ts';
import type { LatentMatrix } from './latent-storage.ts';

/** The width p. */
export function widthOf(A: LatentMatrix): number {
  return isRowSource(A) ? A.columns : A.dims[1];
}

/** Every row or chunk of rows through a function, when it is read. */
export function mapRows(
  A: LatentMatrix,
  columns: number,
  change: (rows: Tensor) => Tensor<Float32Array>,
): LatentMatrix {
  if (!isRowSource(A)) return change(A);
  return {
    rows: A.rows,
    columns,
    async *chunks() {
      for await (const chunk of A.chunks()) yield change(chunk);
    },
  };
}

/** u = argmin_{u ≥ 0} ½‖a − uW‖² of every row, the same bits whole or in chunks. @param W - [r, p] */
export async function matrixCoefficients(
  A: LatentMatrix,
  W: Tensor,
  { signal }: RunOptions,
): Promise<Coefficients> {
  const shape = vectorShape(widthOf(A));
  if (!isRowSource(A)) {
    return coefficientsOf({ data: A.data, count: A.dims[0], shape }, W, 'exact', signal);
  }
  const rank = W.dims[0];
  const data = new Float32Array(A.rows * rank);
  let at = 0;
  for await (const block of nnlsStream(A, W, { signal })) {
    data.set(block.data, at);
    at += block.data.length;
  }
  return { data, count: A.rows, rank, shape };
}

/** h of every row and of its reconstruction. */
export function reconstructMatrix(
  A: LatentMatrix,
  coefficients: Coefficients,
  W: Tensor,
  head: Head,
  batchSize: number,
): Promise<Reconstruction> {
  return reconstruct(encodedChunks(A, coefficients), W, head, batchSize);
}

async function* encodedChunks(A: LatentMatrix, all: Coefficients): AsyncGenerator<Encoded> {
  const { shape, rank } = all;
  let first = 0;
  for await (const { data, dims } of isRowSource(A) ? A.chunks() : [A]) {
    const [count] = dims;
    const own = all.data.subarray(first * rank, (first + count) * rank);
    const latents = { data: data as Float32Array, count, shape };
    yield { latents, coefficients: { data: own, count, rank, shape } };
    first += count;
  }
}

function vectorShape(p: number): LatentShape {
  return latentShape([1, p], { layout: 'NC', prefixTokens: 0 });
}
