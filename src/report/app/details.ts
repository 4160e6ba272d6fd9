// The details of the data block, opened.

import type { ConceptDetails, ReportDetails, ReportMatrix } from '../report-data.ts';
import { bytesOf } from './bytes-of.ts';

/** Values [n, r] of the data block. */
export interface Matrix {
  readonly dims: readonly [number, number];
  at(n: number, i: number): number;
}

export interface Details {
  concepts: readonly ConceptDetails[];
  /** As in ReportDetails; null also where the page's matrix is damaged. */
  cosine: Matrix | null;
  perInput: Matrix | null;
  contributions: Matrix | null;
}

export function openDetails({ concepts, cosine, perInput, contributions }: ReportDetails): Details {
  return {
    concepts,
    cosine: openMatrix(cosine),
    perInput: openMatrix(perInput),
    contributions: openMatrix(contributions),
  };
}

function openMatrix(packed: ReportMatrix | null): Matrix | null {
  if (!packed) return null;
  const { dims, scale } = packed;
  const [n, r] = dims;
  const bytes = bytesOf(packed.data);
  if (bytes.length !== 2 * n * r || scale.length !== r) return null;
  const values = new Int16Array(bytes.buffer); // every machine that browsers run on is little-endian
  return { dims, at: (row, i) => (values[row * r + i] / 32767) * scale[i] };
}
