// The details of the data block, opened.

import type { ConceptDetails, ReportDetails, ReportMatrix } from '../report-data.ts';

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
  const text = atob(packed.data);
  if (text.length !== 2 * n * r || scale.length !== r) return null;
  const values = new Int16Array(n * r);
  for (let k = 0; k < values.length; k++) {
    values[k] = text.charCodeAt(2 * k) | (text.charCodeAt(2 * k + 1) << 8);
  }
  return { dims, at: (row, i) => (values[row * r + i] / 32767) * scale[i] };
}
