// Running g: crops and whole inputs to activations.

import { CraftError } from '../errors.ts';
import type { Box } from '../inputs/crops.ts';
import { cropBatches } from '../inputs/crops.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import {
  areActivations,
  batchCount,
  batchesOf,
  type CraftInputs,
  checkAborted,
  type InputBatch,
  isTensor,
} from './batches.ts';
import { denseRows, type LatentShape, type Latents, latentShape, pooledRows, toLatents } from './layout.ts';
import type { CraftOptions, ResolvedOptions, RunOptions } from './options.ts';

/** Where a row of A comes from. */
export interface RowSource {
  /** Index of the input. */
  readonly input: number;
  /** Place of a crop, in pixels of the model's input; null if the row is no crop. */
  readonly box: Box | null;
  /** Index in the grid of the latent, row-major; null unless the row is a location of a dense fit. */
  readonly location: number | null;
}

/** A [n, p] with the source of each row. */
export interface EncodedRows {
  readonly A: Tensor<Float32Array>;
  readonly sources: RowSource[];
  /** Inputs that the rows come from. */
  readonly inputs: number;
}

/** g as the rest of craft/ sees it: latents as [N, T, p], of one shape, finite. */
export class Encoder {
  readonly #g: CraftOptions['inputToLatent'];
  readonly #options: ResolvedOptions;
  /** Of whole inputs; crops are resized to the same size and so share it. */
  shape: LatentShape | null = null;

  constructor(g: CraftOptions['inputToLatent'], options: ResolvedOptions) {
    this.#g = g;
    this.#options = options;
  }

  /** Latents of every batch of `inputs`, in order; one run of g a batch. */
  async *latents(inputs: CraftInputs, run: RunOptions): AsyncGenerator<Latents> {
    if (areActivations(inputs)) {
      yield this.#checked(inputs);
      return;
    }
    const total = isTensor(inputs) ? inputs.dims[0] : null;
    let done = 0;
    for await (const batch of batchesOf(inputs, this.#options.batchSize, run.signal)) {
      yield await this.#encode(batch);
      done += batchCount(batch);
      run.onProgress?.({ stage: 'transform', done, total });
    }
  }

  /** Rows of A from crops (images) or from whole inputs (texts and other inputs). */
  async cropRows(inputs: CraftInputs, run: RunOptions): Promise<EncodedRows> {
    const rows = new RowList();
    const total = isTensor(inputs) ? inputs.dims[0] : null;
    let input = 0;
    for await (const batch of batchesOf(inputs, this.#options.batchSize, run.signal)) {
      for (const { batch: part, sources } of this.#parts(batch, input)) {
        rows.add(pooledRows(await this.#encode(part), this.#options.reads), sources);
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
    const { inputLayout: layout, patchSize, batchSize } = this.#options;
    for (const { batch: crops, refs } of cropBatches(batch, { layout, patchSize, batchSize })) {
      yield {
        batch: crops,
        sources: refs.map(({ input, box }) => ({ input: first + input, box, location: null })),
      };
    }
  }

  async #encode(batch: InputBatch): Promise<Latents> {
    const latent = await this.#g(batch);
    checkTensor(latent, 'inputToLatent: result');
    const expected = batchCount(batch);
    if (latent.dims[0] !== expected) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected a latent for each of ${expected} inputs; got dims [${latent.dims}]`,
      );
    }
    return this.#checked(latent);
  }

  #checked(latent: Tensor): Latents {
    const { latentLayout: layout, prefixTokens } = this.#options;
    const shape = latentShape(
      latent.dims,
      latent.dims.length === 2 ? { layout: 'NC', prefixTokens: 0 } : { layout, prefixTokens },
    );
    this.shape ??= shape;
    if (shape.locations !== this.shape.locations || shape.width !== this.shape.width) {
      throw new CraftError(
        'SHAPE',
        `inputToLatent: expected latents of one shape [N,${this.shape.dims}]; got dims [${latent.dims}]`,
      );
    }
    const bad = latent.data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new CraftError(
        'VALUE',
        `inputToLatent: expected finite activations; got ${latent.data[bad]} at element ${bad} of a batch of dims [${latent.dims}]`,
      );
    }
    return toLatents(latent, shape);
  }
}

/** Rows of A from every location of whole inputs. */
export function locationRows(batches: readonly Latents[]): EncodedRows {
  const rows = new RowList();
  let input = 0;
  for (const latents of batches) {
    const part = denseRows(latents);
    const perInput = part.dims[0] / Math.max(latents.count, 1);
    const sources: RowSource[] = [];
    for (let n = 0; n < latents.count; n++) {
      for (let t = 0; t < perInput; t++) {
        sources.push({ input: input + n, box: null, location: t });
      }
    }
    rows.add(part, sources);
    input += latents.count;
  }
  return rows.finish(input);
}

class RowList {
  readonly #parts: Tensor<Float32Array>[] = [];
  readonly #sources: RowSource[] = [];

  add(rows: Tensor<Float32Array>, sources: RowSource[]): void {
    this.#parts.push(rows);
    for (const source of sources) this.#sources.push(source);
  }

  finish(inputs: number): EncodedRows {
    const n = this.#sources.length;
    if (n === 0) throw new CraftError('NO_INPUTS', 'fit: expected at least one input; got none');
    const p = this.#parts[0].dims[1];
    const data = new Float32Array(n * p);
    let offset = 0;
    for (let part = this.#parts.shift(); part; part = this.#parts.shift()) {
      data.set(part.data, offset);
      offset += part.data.length;
    }
    return { A: { data, dims: [n, p] }, sources: this.#sources, inputs };
  }
}
