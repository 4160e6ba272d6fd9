import { CraftError } from '../errors.ts';

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/**
 * A dense row-major array. Structurally the Tensor of onnxruntime-common and of transformers.js, so
 * either can be passed as it is. `dims` of a scalar is [].
 */
export interface Tensor<D extends NumericArray = NumericArray> {
  readonly data: D;
  readonly dims: readonly number[];
}

/** Number of elements of a shape: the product of `dims`, 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  let size = 1;
  for (const d of dims) size *= d;
  return size;
}

/**
 * Makes a tensor after checking that `data` has as many elements as `dims` says.
 *
 * @throws {@link CraftError} `SHAPE` if a dim is not a whole number ≥ 0 or the sizes differ.
 */
export function tensor<D extends NumericArray>(data: D, dims: readonly number[]): Tensor<D> {
  checkTensor({ data, dims }, 'tensor');
  return { data, dims };
}

/** Throws `SHAPE` unless `t` is a tensor whose `dims` fit its `data`; `where` opens the message. */
export function checkTensor(t: Tensor, where: string): void {
  if (!t || !ArrayBuffer.isView(t.data) || !Array.isArray(t.dims)) {
    throw new CraftError(
      'SHAPE',
      `${where}: expected a tensor { data: typed array, dims: number[] }; got ${describe(t)}`,
    );
  }
  if (!t.dims.every((d) => Number.isInteger(d) && d >= 0) || sizeOf(t.dims) !== t.data.length) {
    throw new CraftError(
      'SHAPE',
      `${where}: expected dims of whole numbers whose product is the length of data; got dims [${t.dims}] and ${t.data.length} elements`,
    );
  }
}

/**
 * Throws unless `t` is a finite matrix [n, p] with n, p ≥ 1; `where` opens the message.
 *
 * @throws {@link CraftError} `SHAPE` if it has not two dims, `VALUE` if an element is NaN or infinite.
 */
export function checkMatrix(t: Tensor, where: string): void {
  checkTensor(t, where);
  if (t.dims.length !== 2 || t.dims[0] < 1 || t.dims[1] < 1) {
    throw new CraftError('SHAPE', `${where}: expected a matrix [n, p] with n, p ≥ 1; got dims [${t.dims}]`);
  }
  const bad = t.data.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    const p = t.dims[1];
    throw new CraftError(
      'VALUE',
      `${where}: expected finite values; got ${t.data[bad]} at row ${Math.floor(bad / p)}, column ${bad % p}`,
    );
  }
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return `an object with keys ${Object.keys(value).slice(0, 5).join(', ') || '(none)'}`;
}
