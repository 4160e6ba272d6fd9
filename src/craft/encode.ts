// Running g: crops and whole inputs to activations.

import { CraftError } from '../errors.ts';
import { cropBatches } from '../inputs/crops.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { type ActivationSpace, areKeyed } from './activation-store.ts';
import {
  areActivations,
  batchCount,
  batchesOf,
  type CraftInputs,
  checkAborted,
  type InputBatch,
  isTensor,
} from './batches.ts';
import { keptCropRows, keptLatents } from './encode-kept.ts';
import { type LatentShape, type Latents, latentShape, pooledRows, toLatents } from './layout.ts';
import type { CraftOptions, ResolvedOptions, RunOptions } from './options.ts';
import { type EncodedRows, RowList, type RowSource } from './row-list.ts';

/** g as the rest of craft/ sees it: latents as [N, T, p], of one shape, finite. */
export class Encoder {
  readonly #g: CraftOptions['inputToLatent'];
  readonly #space: ActivationSpace | null;
  readonly options: ResolvedOptions;
  /** Of whole inputs; crops are resized to the same size and so share it. */
  shape: LatentShape | null = null;

  /** @param space - where activations of inputs with keys are kept. */
  constructor(
    g: CraftOptions['inputToLatent'],
    options: ResolvedOptions,
    space: ActivationSpace | null = null,
  ) {
    this.#g = g;
    this.options = options;
    this.#space = space;
  }

  /** Latents of every batch of `inputs`, in order; one run of g a batch, or none where they are kept. */
  async *latents(inputs: CraftInputs, run: RunOptions): AsyncGenerator<Latents> {
    if (areActivations(inputs)) {
      checkFinite(inputs);
      yield this.read(inputs);
      return;
    }
    if (this.#space && areKeyed(inputs)) {
      yield* keptLatents(this, this.#space, inputs, run);
      return;
    }
    const total = isTensor(inputs) ? inputs.dims[0] : null;
    let done = 0;
    for await (const batch of batchesOf(inputs, this.options.batchSize, run.signal)) {
      yield this.read(await this.encode(batch));
      done += batchCount(batch);
      run.onProgress?.({ stage: 'transform', done, total });
    }
  }

  /** Rows of A from crops (images) or from whole inputs (texts and other inputs). */
  async cropRows(inputs: CraftInputs, run: RunOptions): Promise<EncodedRows> {
    if (this.#space && areKeyed(inputs)) return keptCropRows(this, this.#space, inputs, run);
    const rows = new RowList();
    const total = isTensor(inputs) ? inputs.dims[0] : null;
    let input = 0;
    for await (const batch of batchesOf(inputs, this.options.batchSize, run.signal)) {
      for (const { batch: part, sources } of this.#parts(batch, input)) {
        rows.add(pooledRows(this.read(await this.encode(part)), this.options.reads), sources);
        checkAborted(run.signal);
        run.onProgress?.({ stage: 'encode', done: sources[sources.length - 1].input + 1, total });
      }
      input += batchCount(batch);
    }
    return rows.finish(input);
  }

  *#parts(batch: InputBatch, first: number): Generator<{ batch: InputBatch; sources: RowSource[] }> {
    if (!isTensor(batch) || batch.dims.length !== 4) {
      const sources = Array.from({ length: batchCount(batch) }, (_, i) => ({
        input: first + i,
        box: null,
        location: null,
      }));
      yield { batch, sources };
      return;
    }
    const { inputLayout: layout, patchSize, batchSize } = this.options;
    for (const { batch: crops, refs } of cropBatches(batch, { layout, patchSize, batchSize })) {
      yield {
        batch: crops,
        sources: refs.map(({ input, box }) => ({ input: first + input, box, location: null })),
      };
    }
  }

  /** Latents of a batch as g gives them, finite, one an input. */
  async encode(batch: InputBatch): Promise<Tensor> {
    const latent = await this.#g(batch);
    checkTensor(latent, 'inputToLatent: result');
    const expected = batchCount(batch);
    if (latent.dims[0] !== expected) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected a latent for each of ${expected} inputs; got dims [${latent.dims}]`,
      );
    }
    checkFinite(latent);
    return latent;
  }

  /** Latents in g's layout as [N, T, p]. */
  read(latent: Tensor): Latents {
    return toLatents(latent, this.noteShape(latent.dims));
  }

  /** How latents of these dims are read; all have the same dims but for N. */
  noteShape(dims: readonly number[]): LatentShape {
    const { latentLayout: layout, prefixTokens } = this.options;
    const shape = latentShape(
      dims,
      dims.length === 2 ? { layout: 'NC', prefixTokens: 0 } : { layout, prefixTokens },
    );
    this.shape ??= shape;
    if (shape.locations !== this.shape.locations || shape.width !== this.shape.width) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected latents of one shape [N,${this.shape.dims}]; got dims [${dims}]`,
      );
    }
    return shape;
  }
}

function checkFinite({ data, dims }: Tensor): void {
  let sum = 0;
  for (let k = 0; k < data.length; k++) sum += 0 * data[k]; // NaN, once one is not finite
  if (sum === 0) return;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  throw new CraftError(
    'VALUE',
    `inputToLatent: expected finite activations; got ${data[bad]} at element ${bad} of a batch of dims [${dims}]`,
  );
}
