// What an evaluation found, as plain JSON beside explanation.json.

import * as v from 'valibot';
import { AgreementSchema } from '../robustness-schema.ts';
import { MAP_METHODS } from './map-options.ts';

export const EVALUATION_FORMAT = 'craft-xai/evaluation';
/** Raised when a reader of the version before would misread the file. */
export const EVALUATION_VERSION = 1;

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A mean over images with its interval; null if no image counts. */
const IntervalSchema = v.nullable(v.object({ mean: number, lower: number, upper: number, count }));

const MapMethodScoreSchema = v.object({
  /** `random`: a smooth random map, the chance level. */
  method: v.picklist([...MAP_METHODS, 'random']),
  /** `concept`: the mean over the concepts tested; `class`: the class score. */
  of: v.picklist(['concept', 'class']),
  /** Area under the score as pixels are removed, most important first: 1 of the image, 0 of the baseline. Lower is better. */
  deletion: IntervalSchema,
  /** As pixels are put back: higher is better. */
  insertion: IntervalSchema,
  /** Correlation of a map's sums with what removing those pixels does, −1 … 1. */
  muFidelity: IntervalSchema,
  /** Mean seconds of one map. */
  seconds: number,
  /**
   * Of `integrated-gradients`: the most that the sum of a map is off from score(image) − score(baseline), as a share of it.
   * Missing where nothing was mapped, and of other methods.
   */
  gap: v.optional(number),
});

const ConceptOrderSchema = v.object({
  order: v.picklist(['importance', 'gradient-activation', 'tcav', 'random']),
  /** Mean class score with the first k concepts removed, k = 0 … r; 1 with all, 0 with none. */
  deletion: v.object({ values: v.array(number), auc: number }),
  /** With the first k alone. */
  insertion: v.object({ values: v.array(number), auc: number }),
});

export const EvaluationSchema = v.object({
  format: v.literal(EVALUATION_FORMAT),
  version: v.literal(EVALUATION_VERSION),
  versions: v.record(v.string(), v.string()),
  /** Of the model that ran: that of the explanation. */
  model: v.string(),
  class: v.object({ id: count, label: v.string() }),
  settings: v.object({
    methods: v.array(v.picklist(MAP_METHODS)),
    /** Ids of the concepts whose maps were tested. */
    concepts: v.array(count),
    /** Points of a curve. */
    steps: count,
    /** Subsets for μFidelity. */
    subsets: count,
    /** In values of the model's input. */
    baseline: number,
    seed: count,
  }),
  /** Images whose maps were tested, as indices into the explanation's inputs. */
  images: v.array(count),
  maps: v.array(MapMethodScoreSchema),
  /** Methods that could not be tested, with the reason. */
  skipped: v.array(v.object({ method: v.picklist(MAP_METHODS), reason: v.string() })),
  /** null where the concepts together do not raise the mean score. */
  conceptOrders: v.nullable(v.array(ConceptOrderSchema)),
  /** Against fits with other seeds, and on halves of the images; null: not computed. */
  stability: v.nullable(v.object({ seeds: AgreementSchema, halves: AgreementSchema })),
  sparsity: v.object({ hoyer: number, l0: number }),
  timings: v.record(v.string(), number),
});

export type Evaluation = v.InferOutput<typeof EvaluationSchema>;
export type MapMethodScore = v.InferOutput<typeof MapMethodScoreSchema>;
