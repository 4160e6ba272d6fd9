// Concept maps as the page holds them: bytes, and per concept the value where its strongest tenth begins.

import type { ReportMaps } from '../../report-data.ts';
import { bytesOf } from '../bytes-of.ts';

export interface ConceptMaps {
  /** Input of each example, shape [E]. */
  inputs: readonly number[];
  h: number;
  w: number;
  /** Largest value of each concept, shape [r]. */
  scale: readonly number[];
  /** Byte where a concept's strongest tenth of its active cells begins, shape [r]; 256 where it is nowhere active. */
  strong: readonly number[];
  /** Map of one concept on one example, shape [h · w], 0 … 255. */
  of(example: number, concept: number): Uint8Array;
}

/** Opens the maps of the data block; null if their size is not what their dims say. */
export function openMaps(maps: ReportMaps | null): ConceptMaps | null {
  if (!maps) return null;
  const [E, h, w, r] = maps.dims;
  const bytes = bytesOf(maps.data);
  if (bytes.length !== E * h * w * r || maps.inputs.length !== E) return null;
  const of = (example: number, concept: number): Uint8Array => {
    const values = new Uint8Array(h * w);
    const start = example * h * w * r + concept;
    for (let i = 0; i < values.length; i++) values[i] = bytes[start + i * r];
    return values;
  };
  return { inputs: maps.inputs, h, w, scale: maps.scale, strong: strongest(bytes, r), of };
}

/** Of the cells above 0: a concept found on few images would have none in the strongest tenth of all. */
function strongest(bytes: Uint8Array, r: number): number[] {
  return Array.from({ length: r }, (_, k) => {
    const histogram = new Uint32Array(256);
    for (let i = k; i < bytes.length; i += r) histogram[bytes[i]]++;
    const active = histogram.subarray(1).reduce((sum, n) => sum + n, 0);
    let above = 0;
    for (let v = 255; v > 0; v--) {
      above += histogram[v];
      if (above > 0 && above >= active / 10) return v;
    }
    return 256;
  });
}
