// What is said of a concept's sub-concepts, or of why it has none: plain JSON, in explanation.json.
// Matrices stand in concepts.safetensors, named by the path of ids: `W.3` and `U.3` of concept 3, `W.3.1` of
// its sub-concept 1, and `rows.3`, the row of the parent's U that each row of `U.3` is of.

import * as v from 'valibot';
import { conceptEntries, count, dims, number, type PlainConcept } from '../concept-schema.ts';

const interval = v.object({ value: number, lower: number, upper: number });

const TriedSchema = v.object({
  /** The earlier layer. */
  layer: v.object({ tensor: v.string(), name: v.string(), op: v.string(), dims }),
  /** 1 − the mean cosine between two of the rows at this layer: 0 all alike, 1 unrelated. */
  spread: number,
  /** The same of random rows of the whole fit: the mean, and the fifth percentile of sets as large; missing in older files. */
  random: v.exactOptional(v.object({ mean: number, least: number })),
  /**
   * Share of the spread that as many groups as the elbow has explain, of the rows and of one cluster with their
   * covariance, and the difference in standard deviations; null where nothing is stable; missing in older files.
   */
  groups: v.exactOptional(v.nullable(v.object({ explained: number, single: number, beyond: number }))),
  /** Loss, chance and stability over the number of sub-concepts; see CurvePoint. */
  curve: v.array(
    v.object({
      concepts: count,
      unexplained: number,
      gain: number,
      chance: number,
      stability: v.nullable(number),
    }),
  ),
  /** Where the curve bends, and the share of ‖A‖² that is explained there beyond chance; null: nowhere stable. */
  elbow: v.nullable(v.object({ concepts: count, score: number })),
  verdict: v.picklist(['mixed', 'one-direction', 'unstable', 'chance', 'whole']),
});

const split = {
  /** Why it is split (`mixed`) or not, see Verdict; `minor`: too unimportant to be looked at. */
  verdict: v.picklist([
    'mixed',
    'minor',
    'few-rows',
    'no-layer',
    'one-direction',
    'unstable',
    'chance',
    'whole',
  ]),
  /** Rows at or above the percentile of the concept's coefficient, and those of them that were used. */
  rows: v.object({ percentile: number, found: count, used: count }),
  /** Share of these rows on which another concept is nearly as strong. */
  polysemantic: number,
  /** Layers it was looked at from, nearest first. */
  tried: v.array(TriedSchema),
  /** Index into `tried` of the layer that it is split at; null if it is not. */
  chosen: v.nullable(count),
  /** The fit of the sub-concepts; null if there are none. */
  fit: v.nullable(
    v.object({
      method: v.picklist(['nmf', 'semi-nmf']),
      rows: count,
      width: count,
      relativeError: number,
      /**
       * R² of the concept's coefficient over its rows and random ones, as a non-negative combination of the
       * sub-concepts'; null if it is the same on all.
       */
      explained: v.nullable(number),
      /** Crops (or inputs) that the shares are taken over. */
      parts: count,
      /** Σ of the shares: 1 where the sub-concepts add up, above 1 where they interact. */
      sum: number,
      /** Parts on which no sub-concept moves the score. */
      degenerate: count,
      /** Mean class score of these parts, and the same with all sub-concepts removed and all else kept. */
      whole: number,
      without: number,
    }),
  ),
};

const child = {
  ...conceptEntries,
  /** Total Sobol index on the parent's parts; `importance` is this times the parent's. */
  share: interval,
  /** Share of the parent's coefficient over the rows that is on rows where this sub-concept is the strongest. */
  overlap: number,
  /** Those of the parent's `bestRows`, as places in that list, where this sub-concept is the strongest. */
  parentBest: v.array(count),
};

const FlatSplit = v.object(split);
const FlatChild = v.object(child);

/** A sub-concept; `prevalence`, `sparsity` and rows are over the parent's rows. */
export interface SubConcept extends v.InferOutput<typeof FlatChild>, PlainConcept {
  split?: Split;
}

/** A concept taken apart, or why not. */
export interface Split extends v.InferOutput<typeof FlatSplit> {
  /** By importance; empty if it is not split. */
  children: SubConcept[];
}

export const SplitSchema: v.GenericSchema<Split> = v.object({
  ...split,
  children: v.array(
    v.object({ ...child, split: v.exactOptional(v.lazy((): v.GenericSchema<Split> => SplitSchema)) }),
  ),
});
