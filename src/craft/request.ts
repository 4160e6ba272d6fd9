// One run of explain as plain JSON: the command line, a form and a batch job all build this.

import * as v from 'valibot';
import { CraftError } from '../errors.ts';
import { MAP_METHODS } from './attribution/map-options.ts';

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** A run: what to explain and how. Only `class` is required. */
export const ExplainRequestSchema = v.strictObject({
  /** Name or id of the class. */
  class: v.union([v.string(), whole(0)]),
  /** r, the number of concepts. */
  concepts: v.optional(whole(1, 4096), 10),
  rows: v.optional(v.picklist(['crops', 'dense']), 'crops'),
  /** Side of a crop in pixels of the model's input. */
  patchSize: v.optional(whole(1, 16384), 64),
  factorizer: v.optional(v.picklist(['auto', 'nmf', 'semi-nmf']), 'auto'),
  /** N, the size of the Sobol design. */
  nbDesign: v.optional(whole(2, 65536), 32),
  sampler: v.optional(v.picklist(['sobol', 'halton', 'latin-hypercube']), 'sobol'),
  estimator: v.optional(v.picklist(['jansen', 'homma', 'janon', 'glen', 'saltelli']), 'jansen'),
  /** Level of the intervals. */
  confidence: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.95),
  batchSize: v.optional(whole(1, 65536), 32),
  seed: v.optional(whole(0), 0),
  /** Takes mixed concepts apart at earlier layers. */
  recursive: v.optional(v.boolean(), false),
  /** Levels of sub-concepts. */
  depth: v.optional(whole(1, 8), 2),
  /** Rows from this percentile of a concept's coefficient on stand for it. */
  percentile: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), 90),
  /** Inputs whose concept maps are kept for the report. */
  examples: v.optional(whole(0, 10000), 24),
  /** Fits again with other seeds, halves of the inputs and other numbers of concepts, to say what stays. */
  evaluate: v.optional(v.boolean(), false),
  /** Methods of their maps, beside the latent's own, which are kept always. */
  maps: v.optional(v.array(v.picklist(MAP_METHODS)), []),
});

export type ExplainRequest = v.InferOutput<typeof ExplainRequestSchema>;

/**
 * Checks a run and fills in the defaults.
 *
 * @throws {@link CraftError} `OPTION` that names the first wrong setting.
 */
export function parseRequest(raw: v.InferInput<typeof ExplainRequestSchema>): ExplainRequest {
  const result = v.safeParse(ExplainRequestSchema, raw);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? 'request';
  const expected =
    issue.requirement === undefined ? issue.expected : `${issue.expected ?? ''} ${issue.requirement}`.trim();
  throw new CraftError('OPTION', `${where}: expected ${expected ?? 'another value'}; got ${issue.received}`);
}
