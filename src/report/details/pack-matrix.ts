// Matrices to two bytes a value, for the page: four digits are more than it shows.

import type { Tensor } from '../../tensor/tensor.ts';
import { base64 } from '../base64.ts';
import type { ReportMatrix } from '../report-data.ts';

/** Values that a page holds of one matrix, at most: 2.8 MB of text. */
const MOST_VALUES = 2 ** 20;
const LARGEST = 32767;

/** Scales each column by its largest size; null if there are more than 2²⁰ values, or one is not finite. */
export function packMatrix({ data, dims }: Tensor): ReportMatrix | null {
  const [n, r] = dims;
  if (dims.length !== 2 || data.length > MOST_VALUES || !data.every(Number.isFinite)) return null;
  const scale = new Array<number>(r).fill(0);
  data.forEach((v: number, k: number) => {
    scale[k % r] = Math.max(scale[k % r], Math.abs(v));
  });
  const bytes = new DataView(new ArrayBuffer(2 * data.length));
  data.forEach((v: number, k: number) => {
    const s = scale[k % r];
    bytes.setInt16(2 * k, s > 0 ? Math.round((v / s) * LARGEST) : 0, true);
  });
  return { dims: [n, r], scale, data: base64(new Uint8Array(bytes.buffer)) };
}
