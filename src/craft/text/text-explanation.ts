// The result of a run on texts, as plain JSON: that of images with units in place of crops, and with what only texts
// have: draft labels, heatmaps of words, groups compared, ways of treating signs.

import * as v from 'valibot';
import { EXPLANATION_FORMAT, EXPLANATION_VERSION, ExplanationSchema } from '../explanation.ts';
import { TextRequestSchema } from './text-request.ts';

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const interval = v.object({ value: number, lower: number, upper: number });
/** [start, end) in a text, in UTF-16 units. */
const span = v.strictTuple([count, count]);

const { versions, model, layer, factorization, importance, completeness, concepts, timings } =
  ExplanationSchema.entries;
const { bestRows: _, ...conceptEntries } = concepts.item.entries;

/** A text; see {@link TextExplanationSchema}. */
export const TextItemSchema = v.object({
  /** Of the row of the file. */
  name: v.string(),
  /** As the file has it; null where it has none. */
  label: v.nullable(v.string()),
  /** Score of the class explained. */
  logit: number,
  predicted: v.object({ id: count, label: v.string(), logit: number }),
  /** Units of the text: rows first … first + units − 1 of U. */
  units: count,
  /** The text itself, where something of it is shown; else null. */
  text: v.nullable(v.string()),
});

const TextConceptSchema = v.object({
  ...conceptEntries,
  /** A name made from the words that set its units apart; a person's own is `label`. */
  draft: v.object({
    text: v.string(),
    /** Rows of U whose unit has the term, strongest first. */
    terms: v.array(v.object({ term: v.string(), score: number, rows: v.array(count) })),
  }),
  /** Strongest units of different words, strongest first. */
  bestUnits: v.array(
    v.object({
      row: count,
      input: count,
      span,
      value: number,
      /**
       * What of this concept the unit loses without each of its words, phrases of long units: start and end in the
       * text, u_i(unit) − u_i(unit without it). Missing in explanations that were written without.
       */
      words: v.optional(v.array(v.strictTuple([count, count, number]))),
    }),
  ),
});

const HeatmapSchema = v.object({
  input: count,
  method: v.literal('occlusion'),
  spans: v.array(span),
  /** u_i(text) − u_i(text without the span), a row a span, a column a concept. */
  scores: v.array(v.array(number)),
});

/** One way to treat the signs of latents, and what of the model's answer it keeps. */
const SignsSchema = v.object({
  way: v.picklist(['nmf', 'semi-nmf', 'split', 'relu']),
  /** The latent. */
  layer: v.string(),
  width: count,
  relativeError: number,
  r2: v.nullable(number),
  top1Agreement: number,
  /** Share of labelled texts whose label h(UW) names; null without labels. */
  accuracy: v.nullable(number),
});

const CompareSchema = v.object({
  /** The two groups: what their texts are called, how many there are, the class whose score is explained in it. */
  groups: v.array(
    v.object({ label: v.string(), texts: count, class: v.object({ id: count, label: v.string() }) }),
  ),
  /** Whether groups are labels of the file or the model's own answers. */
  by: v.picklist(['label', 'prediction']),
  /** Of either class, the index that a concept must be above to be used: (1 − R²)/r. Missing in older files. */
  levels: v.optional(v.array(number)),
  concepts: v.array(
    v.object({
      id: count,
      /** Mean u in the first group minus mean u in the second. */
      delta: interval,
      /** S_T for the class of each group, over its texts. */
      importance: v.array(interval),
      /** Mean change of that class' score from removing the concept to keeping it. */
      effect: v.array(number),
      reading: v.picklist(['discriminating', 'shared', 'unused', 'negligible']),
    }),
  ),
});

export const TextExplanationSchema = v.object({
  format: v.literal(EXPLANATION_FORMAT),
  version: v.literal(EXPLANATION_VERSION),
  versions,
  model,
  layer,
  class: v.object({ id: count, label: v.string() }),
  settings: v.object({ ...TextRequestSchema.entries, limit: v.nullable(count) }),
  inputs: v.object({
    kind: v.literal('text'),
    source: v.string(),
    items: v.array(TextItemSchema),
    /** The first of the rows that are not used. */
    skipped: v.array(v.object({ name: v.string(), reason: v.string() })),
    skippedCount: count,
    duplicates: count,
    /** Texts that are longer than the model reads. */
    truncated: count,
    /** Share of labelled texts whose label is the model's answer; null without labels. */
    accuracy: v.nullable(number),
  }),
  factorization,
  importance,
  completeness,
  concepts: v.array(TextConceptSchema),
  /** Texts with heatmaps. */
  examples: v.array(count),
  heatmaps: v.array(HeatmapSchema),
  signs: v.array(SignsSchema),
  compare: v.nullable(CompareSchema),
  warnings: v.array(v.string()),
  timings,
});

export type TextExplanation = v.InferOutput<typeof TextExplanationSchema>;
export type TextConcept = v.InferOutput<typeof TextConceptSchema>;
export type SignsReport = v.InferOutput<typeof SignsSchema>;
export type GroupComparison = v.InferOutput<typeof CompareSchema>;
