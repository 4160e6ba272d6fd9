// The rows of A: crops of every image, each stretched back to the whole input (Fel et al. 2023, §3.1).
//
// Notation: s = patch size, stride = ⌊0.8·s⌋ as in the reference, whole crops only. Crops are
// numbered image by image, and within an image row by row.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { boxResizer, dimsOf, type ImageDims, type ImageLayout, imageDims } from './resize.ts';

/** A rectangle in pixels of the model's input; x to the right, y down, from the top left corner. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface CropGrid {
  /** Of the images, in pixels. */
  width: number;
  height: number;
  /** s: side of a crop in pixels, from 1 to the shorter side of the image. */
  patchSize: number;
  /** Pixels from one crop to the next; default ⌊0.8·s⌋, at least 1. */
  stride?: number;
}

/**
 * The crops of an image of this size: (⌊(height − s)/stride⌋ + 1) · (⌊(width − s)/stride⌋ + 1) squares,
 * row by row. What remains at the right and at the bottom is not covered, as in the reference.
 *
 * @throws {@link CraftError} `OPTION` if s is not a whole number from 1 to the shorter side, or the
 *   stride is not a whole number ≥ 1.
 */
export function cropBoxes({ width, height, patchSize, stride }: CropGrid): Box[] {
  const largest = Math.min(width, height);
  if (!Number.isInteger(patchSize) || patchSize < 1 || patchSize > largest) {
    throw new CraftError(
      'OPTION',
      `cropBoxes: expected a patch size of whole pixels from 1 to ${largest}, the shorter side of the model's input of ${width} × ${height}; got ${patchSize}`,
    );
  }
  const step = stride ?? Math.max(1, Math.floor(0.8 * patchSize));
  if (!Number.isInteger(step) || step < 1) {
    throw new CraftError('OPTION', `cropBoxes: expected a stride of whole pixels ≥ 1; got ${stride}`);
  }

  const boxes: Box[] = [];
  for (let y = 0; y + patchSize <= height; y += step) {
    for (let x = 0; x + patchSize <= width; x += step) {
      boxes.push({ x, y, width: patchSize, height: patchSize });
    }
  }
  return boxes;
}

/** Where a crop comes from: the index of its image in the batch that was cut, and its box. */
export interface CropRef {
  input: number;
  box: Box;
}

/**
 * Crops `from` to `to` (not included) of a batch, numbered image by image and then in the order of
 * `boxes`, each resized to the size of the images by {@link resizeBilinear}'s rule.
 *
 * @param batch - images [N, C, H, W] or, with layout `NHWC`, [N, H, W, C].
 * @param boxes - inside the image, of any size.
 * @param range - layout, default `NCHW`; from, default 0; to, default N · boxes.
 * @returns [to − from, C, H, W] or [to − from, H, W, C], float32.
 * @throws {@link CraftError} `SHAPE` if `batch` is not a batch of images, `VALUE` if a box leaves the
 *   image or the range leaves the crops.
 */
export function cutCrops(
  batch: Tensor,
  boxes: readonly Box[],
  range: { layout?: ImageLayout; from?: number; to?: number } = {},
): Tensor<Float32Array> {
  const { layout = 'NCHW' } = range;
  const images = imageDims(batch, layout, 'cutCrops');
  const total = images.count * boxes.length;
  const { from = 0, to = total } = range;
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= total)) {
    throw new CraftError('VALUE', `cutCrops: expected 0 ≤ from ≤ to ≤ ${total} crops; got ${from} to ${to}`);
  }
  for (const box of boxes) checkBox(box, images);

  const crops = { ...images, count: to - from };
  const data = new Float32Array(crops.count * sizeOfImage(images));
  const cut = boxResizer(images, crops, layout);
  for (let k = from; k < to; k++) {
    cut(batch.data, Math.floor(k / boxes.length), boxes[k % boxes.length], data, k - from);
  }
  return { data, dims: dimsOf(crops, layout) };
}

/**
 * All crops of a batch, at most `batchSize` at a time.
 *
 * Holds one batch of resized crops and no more: its memory is used again for the next one, so a
 * batch is only valid until the next is asked for. Copy what is to be kept, and await a model that
 * runs on it before going on. (If the memory was transferred to a worker, new memory is taken.)
 *
 * @param batch - images [N, C, H, W] or, with layout `NHWC`, [N, H, W, C].
 * @param options - layout, default `NCHW`; patchSize and stride as in {@link cropBoxes}; batchSize,
 *   default 64.
 * @throws {@link CraftError} as {@link cropBoxes}, and `OPTION` if batchSize is not a whole number ≥ 1.
 */
export function* cropBatches(
  batch: Tensor,
  options: { layout?: ImageLayout; patchSize: number; stride?: number; batchSize?: number },
): Generator<{ batch: Tensor<Float32Array>; refs: CropRef[] }, void, undefined> {
  const { layout = 'NCHW', batchSize = 64, ...grid } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new CraftError(
      'OPTION',
      `cropBatches: expected a batch size of a whole number ≥ 1; got ${batchSize}`,
    );
  }
  const images = imageDims(batch, layout, 'cropBatches');
  const boxes = cropBoxes({ width: images.width, height: images.height, ...grid });
  const total = images.count * boxes.length;
  const size = sizeOfImage(images);
  const cut = boxResizer(images, images, layout);
  let memory = new Float32Array(0);
  for (let from = 0; from < total; from += batchSize) {
    const count = Math.min(batchSize, total - from);
    if (memory.length < count * size) memory = new Float32Array(count * size);
    const refs: CropRef[] = [];
    for (let k = 0; k < count; k++) {
      const input = Math.floor((from + k) / boxes.length);
      const box = boxes[(from + k) % boxes.length];
      cut(batch.data, input, box, memory, k);
      refs.push({ input, box });
    }
    const dims = dimsOf({ ...images, count }, layout);
    yield { batch: { data: memory.subarray(0, count * size), dims }, refs };
  }
}

function sizeOfImage({ channels, height, width }: ImageDims): number {
  return channels * height * width;
}

function checkBox({ x, y, width, height }: Box, image: ImageDims): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (
    !whole ||
    x < 0 ||
    y < 0 ||
    width < 1 ||
    height < 1 ||
    x + width > image.width ||
    y + height > image.height
  ) {
    throw new CraftError(
      'VALUE',
      `cutCrops: expected boxes of whole pixels inside the image of ${image.width} × ${image.height}; got ${width} × ${height} at (${x}, ${y})`,
    );
  }
}
