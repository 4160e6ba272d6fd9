// What the report page reads: plain JSON that stands in the page itself.

import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { Explanation } from '../craft/explanation.ts';

/** Concept maps of the example inputs, one byte a value. */
export interface ReportMaps {
  /** Index of each map's input in `explanation.inputs.items`, as in `explanation.examples`. */
  inputs: number[];
  /** [E, h, w, r]: examples, rows and columns of the latent's grid, concepts by their id. */
  dims: [number, number, number, number];
  /** Largest value of each concept over the examples, shape [r]; 0 where it is nowhere active. */
  scale: number[];
  /** Base64 of uint8, row-major: value · 255 / scale of the concept, rounded; 0 where that is not positive. */
  data: string;
}

/** Content of the page's data block. */
export interface ReportData {
  explanation: Explanation;
  maps: ReportMaps | null;
  /** Maps of further methods, by name. */
  mapsBy: { method: string; maps: ReportMaps }[];
  evaluation: Evaluation | null;
}
