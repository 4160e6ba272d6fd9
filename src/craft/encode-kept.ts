// Running g on what is not kept: the latents and crops of images that have keys.
//
// Numbers and order are those of a run without a store. g runs on fewer images at once where some are kept;
// engines compute each input of a batch by itself (ONNX Runtime on the CPU: the same bits for batches of 1 to
// 8 of convolutional networks and transformers), and where one does not, what was kept first is what counts.

import { CraftError } from '../errors.ts';
import { type Box, cropBatches, cropBoxes } from '../inputs/crops.ts';
import type { ImageLayout } from '../inputs/resize.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { ActivationSpace, Activations, EntryKind, KeyedInputs } from './activation-store.ts';
import { checkAborted, type InputBatch } from './batches.ts';
import { type LatentShape, type Latents, pooledRows } from './layout.ts';
import type { ResolvedOptions, RunOptions } from './options.ts';
import { type EncodedRows, RowList } from './row-list.ts';

/** What is used of the encoder. */
interface Encoding {
  readonly options: ResolvedOptions;
  encode(batch: InputBatch): Promise<Tensor>;
  read(latent: Tensor): Latents;
  noteShape(dims: readonly number[]): LatentShape;
}

/** What an entry with the latent of a whole image is named. */
export const LATENT = 'latent';

/** What an entry with the rows of an image's crops is named: all that a row depends on beside the image. */
export function cropsName({
  patchSize,
  inputLayout,
  latentLayout,
  prefixTokens,
  reads,
}: Pick<ResolvedOptions, 'patchSize' | 'inputLayout' | 'latentLayout' | 'prefixTokens' | 'reads'>): string {
  return ['crops', patchSize, inputLayout, latentLayout, prefixTokens, reads].join(' ');
}

/** Latents of every batch, in order. */
export async function* keptLatents(
  encoding: Encoding,
  space: ActivationSpace,
  inputs: KeyedInputs,
  { signal, onProgress }: RunOptions,
): AsyncGenerator<Latents> {
  const kind: EntryKind = {
    what: LATENT,
    runs: 1,
    isValid: ({ latent }) => latent?.data instanceof Float32Array && latent.dims.length > 0,
    async *make(images) {
      yield eachOf(await encoding.encode(images)).map((latent) => ({ latent }));
    },
  };
  let done = 0;
  for await (const batch of inputs.keyedBatches((key) => space.has(LATENT, key))) {
    checkAborted(signal);
    const entries = await space.entriesOf(batch, kind);
    yield encoding.read(stacked(entries.map(({ latent }) => latent)));
    done += entries.length;
    onProgress?.({ stage: 'transform', done, total: null });
  }
}

/** Rows of A from the crops of images, in order. An image's crops are kept once all of them are there. */
export async function keptCropRows(
  encoding: Encoding,
  space: ActivationSpace,
  inputs: KeyedInputs,
  { signal, onProgress }: RunOptions,
): Promise<EncodedRows> {
  const { inputLayout, patchSize, batchSize } = encoding.options;
  const what = cropsName(encoding.options);
  const rows = new RowList();
  let first = 0;
  for await (const batch of inputs.keyedBatches((key) => space.has(what, key))) {
    checkAborted(signal);
    const boxes = cropBoxes({ ...sizeOfImage(batch.dims, inputLayout), patchSize });
    const report = (done: number): void => onProgress?.({ stage: 'encode', done: first + done, total: null });
    const entries = await space.entriesOf(batch, {
      what,
      runs: boxes.length,
      isValid: (entry) => areRows(entry, boxes.length),
      async *make(images) {
        const kept = batch.keys.length - images.dims[0];
        const settings = { layout: inputLayout, patchSize, batchSize };
        const gather = new RowsOfImages(boxes.length);
        for (const { batch: crops, refs } of cropBatches(images, settings)) {
          const latent = await encoding.encode(crops);
          yield gather.add(pooledRows(encoding.read(latent), encoding.options.reads), latent.dims);
          checkAborted(signal);
          report(kept + refs[refs.length - 1].input + 1);
        }
      },
    });
    for (const [k, entry] of entries.entries()) {
      encoding.noteShape([1, ...entry.latentDims.data]);
      rows.add(entry.rows as Tensor<Float32Array>, sourcesOf(first + k, boxes));
    }
    report(entries.length);
    first += entries.length;
  }
  return rows.finish(first);
}

const sourcesOf = (input: number, boxes: readonly Box[]) =>
  boxes.map((box) => ({ input, box, location: null }));

function areRows({ rows, latentDims }: Activations, count: number): boolean {
  return (
    rows?.data instanceof Float32Array &&
    rows.dims.length === 2 &&
    rows.dims[0] === count &&
    latentDims?.data instanceof Int32Array
  );
}

/** Rows of crops, cut at the images that they are of. */
class RowsOfImages {
  readonly #perImage: number;
  #waiting: Float32Array[] = [];

  constructor(perImage: number) {
    this.#perImage = perImage;
  }

  /** Takes rows [k, p] and gives the entries of the images that are complete now. */
  add(rows: Tensor<Float32Array>, [, ...latentDims]: readonly number[]): Activations[] {
    this.#waiting.push(...eachOf(rows).map(({ data }) => data));
    const complete: Activations[] = [];
    while (this.#waiting.length >= this.#perImage) {
      const own = this.#waiting.splice(0, this.#perImage).map((data) => ({ data, dims: [data.length] }));
      complete.push({
        rows: stacked(own),
        latentDims: { data: Int32Array.from(latentDims), dims: [latentDims.length] },
      });
    }
    return complete;
  }
}

function sizeOfImage(dims: readonly number[], layout: ImageLayout): { height: number; width: number } {
  const [height, width] = layout === 'NCHW' ? dims.slice(1) : dims;
  return { height, width };
}

/** The items of a tensor along its first axis, float32, in memory of their own. */
function eachOf({ data, dims: [count, ...dims] }: Tensor): Tensor<Float32Array>[] {
  const size = sizeOf(dims);
  return Array.from({ length: count }, (_, n) => ({
    data: Float32Array.from(data.subarray(n * size, (n + 1) * size)),
    dims,
  }));
}

/** Tensors of the same dims as one, along a new first axis. */
function stacked(parts: readonly Tensor[]): Tensor<Float32Array> {
  const { dims } = parts[0];
  const size = sizeOf(dims);
  const data = new Float32Array(parts.length * size);
  for (const [n, part] of parts.entries()) {
    if (part.data.length !== size) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected latents of one shape [N,${dims}]; got one of dims [${part.dims}]`,
      );
    }
    data.set(part.data, n * size);
  }
  return { data, dims: [parts.length, ...dims] };
}
