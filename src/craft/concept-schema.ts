// What is said of one concept, whatever level of the tree it is on.

import * as v from 'valibot';

export const number = v.pipe(v.number(), v.finite());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const dims = v.array(v.nullable(count));

/** A rectangle in pixels of the model's input; x to the right, y down, from the top left corner. */
const BoxSchema = v.object({ x: count, y: count, width: count, height: count });

export const conceptEntries = {
  /** Rank by importance at the time of the run, from 0; never changes after. */
  id: count,
  /** Total Sobol index with its interval at the confidence of the settings. */
  importance: v.object({ value: number, lower: number, upper: number }),
  /** Mean change of the class logit from removing the concept to keeping it whole: its sign says for or against. */
  effect: number,
  /** Share of rows where the concept's coefficient is above a tenth of its largest. */
  prevalence: number,
  /** Hoyer sparsity of the concept's coefficients over rows: 0 spread evenly, 1 in one row. */
  sparsity: number,
  /** Probability, over the bootstrap, that it stands above the next concept; null for the last. */
  aboveNext: v.nullable(number),
  /** A name given by a person; null until then. */
  label: v.nullable(v.string()),
  /** Strongest rows, at most one of overlapping crops of an image, strongest first. */
  bestRows: v.array(v.object({ row: count, input: count, box: BoxSchema, value: number })),
};

const PlainConceptSchema = v.object(conceptEntries);
/** A concept without its sub-concepts. */
export type PlainConcept = v.InferOutput<typeof PlainConceptSchema>;
