// Whether other choices would have found the same: fits with other seeds, other images and other numbers of
// concepts, as plain JSON in explanation.json.

import * as v from 'valibot';
import { count, number } from './concept-schema.ts';

/** Mean, over the concepts, of the cosine with the concept that they match in another fit. */
export const AgreementSchema = v.object({
  /** Other fits. */
  fits: count,
  mean: number,
  /** Of the concept that is found again least. */
  least: number,
  /** By id. */
  perConcept: v.array(number),
});

/** One number of concepts r, on the same rows. */
const RankSchema = v.object({
  /** r */
  concepts: count,
  /** ‖A − UW‖ / ‖A‖ over the rows. */
  relativeError: number,
  /** R² of the class logit of h(UW) against h(A) over the inputs tested; null if h(A) is constant. */
  r2: v.nullable(number),
  /** Total Sobol indices over the inputs tested, with their intervals, largest first: [r]. */
  importance: v.array(v.object({ value: number, lower: number, upper: number })),
  /**
   * Where each concept of the explanation is in this fit, by id: its place in `importance` and the cosine of the
   * two. Matched one to one so that the sum of cosines is largest; null for those left over where r is smaller.
   */
  matches: v.array(v.nullable(v.object({ place: count, cosine: number }))),
});

export const RobustnessSchema = v.object({
  /** Against fits with other seeds, and on halves of the images. */
  stability: v.object({ seeds: AgreementSchema, halves: AgreementSchema }),
  /** Inputs that R² and the importance of `ranks` are over, spread evenly over all. */
  inputs: count,
  /** By rising r; that of the explanation is one of them. */
  ranks: v.array(RankSchema),
});

export type Robustness = v.InferOutput<typeof RobustnessSchema>;
