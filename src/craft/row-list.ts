// The rows of A as they come in, each with where it is from.

import { CraftError } from '../errors.ts';
import type { Box } from '../inputs/crops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { denseRows, type Latents } from './layout.ts';

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

/** Parts of A, joined at the end. */
export class RowList {
  readonly #parts: Tensor<Float32Array>[] = [];
  readonly #sources: RowSource[] = [];

  add(rows: Tensor<Float32Array>, sources: readonly RowSource[]): void {
    this.#parts.push(rows);
    for (const source of sources) this.#sources.push(source);
  }

  /** @throws {@link CraftError} `NO_INPUTS` if there are no rows. */
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
