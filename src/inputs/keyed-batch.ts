import type { Tensor } from '../tensor/tensor.ts';

/** Images that are known by their content, and need not be decoded where that is enough. */
export interface KeyedBatch {
  /** One for each image, in order: equal keys mean equal values. */
  readonly keys: readonly string[];
  /** Of one image, [C, H, W] or [H, W, C]. */
  readonly dims: readonly number[];
  /** The images at these places of the batch, in this order. */
  read(places: readonly number[]): Promise<Tensor<Float32Array>>;
}
