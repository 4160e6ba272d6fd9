// A batch of the images of a folder.

import type { Tensor } from '../tensor/tensor.ts';
import type { FoundImage, ImageContents } from './image-content-fs.ts';
import type { KeyedBatch } from './keyed-batch.ts';
import { applyPreprocess, type Preprocess } from './preprocess.ts';
import { dimsOf } from './resize.ts';

/** Images of a folder, decoded or not. */
export class FolderBatch implements KeyedBatch {
  readonly names: string[];
  readonly keys: readonly string[];
  readonly dims: readonly number[];
  #images: readonly FoundImage[];
  #contents: ImageContents;
  #preprocess: Preprocess;

  constructor(images: readonly FoundImage[], contents: ImageContents, preprocess: Preprocess) {
    this.names = images.map(({ name }) => name);
    this.keys = images.map(({ key }) => key);
    this.dims = dimsOf({ ...preprocess, count: 1 }, preprocess.layout).slice(1);
    this.#images = images;
    this.#contents = contents;
    this.#preprocess = preprocess;
  }

  /** In new memory, so that a caller may keep it. */
  async read(places: readonly number[]): Promise<Tensor<Float32Array>> {
    const { width, height, channels, layout } = this.#preprocess;
    const size = width * height * channels;
    const data = new Float32Array(places.length * size);
    for (const [k, place] of places.entries()) {
      const pixels = await this.#contents.pixels(this.#images[place]);
      applyPreprocess(pixels, this.#preprocess, data.subarray(k * size, (k + 1) * size));
    }
    return { data, dims: dimsOf({ count: places.length, channels, height, width }, layout) };
  }
}
