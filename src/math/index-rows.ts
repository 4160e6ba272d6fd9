// Total Sobol' indices of inputs that come one after the other: r numbers are kept of each, not its outputs.
//
// Notation: N = design size, r = concepts, y = f on the rows of replicatedDesign (A, B, C_0 … C_(r−1)).

import type { Tensor } from '../tensor/tensor.ts';
import { type EstimatorName, glen, homma, janon, jansen, saltelli } from './sobol.ts';

const estimatorFunctions = { jansen, homma, janon, glen, saltelli } satisfies Record<
  EstimatorName,
  typeof jansen
>;

/** What the rows are made of. */
interface IndexSettings {
  /** Inputs, or inputs times the designs of each. */
  readonly rows: number;
  /** r */
  readonly rank: number;
  /** N */
  readonly nbDesign: number;
  readonly estimator: EstimatorName;
  /** Outputs were rounded to float32: what changes by no more than a few roundings does not change. */
  readonly isFloat32?: boolean;
}

/** Indices [rows, r], filled row by row. */
export class IndexRows {
  readonly #settings: IndexSettings;
  #next = 0;
  /** 0 for all concepts where y does not change over A. */
  readonly indices: Tensor<Float64Array>;
  /** 1 where it does. */
  readonly varying: Uint8Array;

  constructor(settings: IndexSettings) {
    const { rows, rank } = settings;
    this.#settings = settings;
    this.indices = { data: new Float64Array(rows * rank), dims: [rows, rank] };
    this.varying = new Uint8Array(rows);
  }

  /** @param y - of the next row, [N(r + 2)]; those of B are not read. */
  add(y: Float64Array): void {
    const { rank, nbDesign: N, estimator, isFloat32 = false } = this.#settings;
    const k = this.#next++;
    if (!varies(y.subarray(0, N), isFloat32)) return;
    this.varying[k] = 1;
    this.indices.data.set(estimatorFunctions[estimator](y, N), k * rank);
  }
}

/** Whether y on A changes by more than rounding: 8 units in the last place of float32 (2⁻²⁴), or at all in float64. */
function varies(a: Float64Array, isFloat32: boolean): boolean {
  let [least, most] = [a[0], a[0]];
  for (const v of a) [least, most] = [Math.min(least, v), Math.max(most, v)];
  return most - least > (isFloat32 ? 8 * 2 ** -24 * Math.max(-least, most) : 0);
}
