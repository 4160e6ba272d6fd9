// The two orders of a map, and the way from one to the other.

/** `NCHW`, or `plain`: the order of the file. */
export type Layout = 'NCHW' | 'plain';

/** Where each dim of an NCHW tensor stands in NHWC. */
export const NCHW_FROM_NHWC = [0, 3, 1, 2] as const;
/** Where each dim of an NHWC tensor stands in NCHW. */
export const NHWC_FROM_NCHW = [0, 2, 3, 1] as const;

/**
 * A dense tensor with its dims in another order: dim k of the result is dim perm[k] of `data`; `data` itself where
 * nothing moves.
 */
export function transposed(
  data: Float32Array,
  dims: readonly number[],
  perm: readonly number[],
): { data: Float32Array; dims: number[] } {
  const outDims = perm.map((axis) => dims[axis]);
  const axes = perm.filter((axis) => dims[axis] !== 1); // those of length 1 move nothing
  if (axes.every((axis, k) => k === 0 || axes[k - 1] < axis)) return { data, dims: outDims };
  return { data: moved(data, dims, axes), dims: outDims };
}

function moved(data: Float32Array, dims: readonly number[], axes: readonly number[]): Float32Array {
  const stride = new Array<number>(dims.length).fill(1);
  for (let k = dims.length - 2; k >= 0; k--) stride[k] = stride[k + 1] * dims[k + 1];
  const outDims = axes.map((axis) => dims[axis]);
  const outStride = axes.map((axis) => stride[axis]);
  const out = new Float32Array(data.length);
  const index = new Array<number>(axes.length).fill(0);
  const last = axes.length - 1;
  const [width, step] = [outDims[last], outStride[last]];
  let from = 0;
  for (let i = 0; i < out.length; i += width) {
    for (let j = 0; j < width; j++) out[i + j] = data[from + j * step];
    for (let k = last - 1; k >= 0; k--) {
      from += outStride[k];
      if (++index[k] < outDims[k]) break;
      from -= outStride[k] * outDims[k];
      index[k] = 0;
    }
  }
  return out;
}
