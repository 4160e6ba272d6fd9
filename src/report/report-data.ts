// What the report page reads: JSON that stands in the page itself.

import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { Concept, Explanation } from '../craft/explanation.ts';
import type { TextConcept, TextExplanation } from '../craft/text/text-explanation.ts';

/** An explanation of either kind of inputs. */
export type Explained = Explanation | TextExplanation;
export type AnyConcept = Concept | TextConcept;

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

/** A matrix [n, r], two bytes a value. */
export interface ReportMatrix {
  dims: [number, number];
  /** Largest size of a value of each column, shape [r]. */
  scale: number[];
  /** Base64 of int16, little-endian, row-major: value · 32767 / scale of the column, rounded. */
  data: string;
}

/** A row of U with where it is from, as in the concept's best rows or units. */
export type Example = Concept['bestRows'][number] | TextConcept['bestUnits'][number];

/** What the page of one concept adds to its card. */
export interface ConceptDetails {
  /** Rows of U where the concept is at its median, among those where it is present. */
  median: Example[];
  /** Rows of U where it is all but missing. */
  zero: Example[];
  histogram: {
    /** Rows of U in bins of equal width from 0 to `largest`. */
    counts: number[];
    largest: number;
  };
}

/** What the pages of concepts and inputs need and an explanation has not, made from its matrices. */
export interface ReportDetails {
  /** By id; empty without U. */
  concepts: ConceptDetails[];
  /** Cosine of the rows of W, [r, r]; null without W. */
  cosine: ReportMatrix | null;
  /** S_T of each input, [N, r]; null if it is missing or too large for a page. */
  perInput: ReportMatrix | null;
  /**
   * What each concept adds to the class score of each input, [N, r], where the head is affine: the score falls by
   * so much when the concept is removed, whatever the others do. Null if that is not known.
   */
  contributions: ReportMatrix | null;
}

/** The second half of the model, in scripts beside the page: see `liveHead`. */
export interface LiveHead {
  /** Paths relative to the page. */
  head: string;
  engine: string;
  /** Indices in `explanation.inputs.items` of the inputs that it can be run for. */
  inputs: number[];
  /** Size of the script with the head. */
  bytes: number;
}

export interface ImageReportData {
  kind: 'image';
  explanation: Explanation;
  maps: ReportMaps | null;
  /** Maps of further methods, by name. */
  mapsBy: { method: string; maps: ReportMaps }[];
  evaluation: Evaluation | null;
  details: ReportDetails;
  live: LiveHead | null;
}

/** What a page has no line for. */
export interface LeftOut {
  /** Texts of which the page says nothing by itself. */
  readonly texts: number;
  /** Of all texts, those that the model says the class for. */
  readonly agreeing: number;
}

export interface TextReportData {
  kind: 'text';
  /** Of the texts that the page lists; where some are left out, indices are those in this list. */
  explanation: TextExplanation;
  leftOut: LeftOut | null;
  details: ReportDetails;
  live: LiveHead | null;
}

/** Content of the page's data block, where its lists of like objects stand as tables (tables.ts). */
export type ReportData = ImageReportData | TextReportData;
