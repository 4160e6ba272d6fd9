// One run of explain on texts as plain JSON.

import * as v from 'valibot';
import { CraftError } from '../../errors.ts';

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** What to explain of a text classifier and how. Only `class` is required. */
export const TextRequestSchema = v.strictObject({
  /** Name or id of the class. */
  class: v.union([v.string(), whole(0)]),
  /** r, the number of concepts. */
  concepts: v.optional(whole(1, 4096), 10),
  /** Parts of a text that are rows of A; `auto`: short texts whole, others by sentence. */
  units: v.optional(v.picklist(['auto', 'text', 'sentence', 'clause', 'window']), 'auto'),
  /** Words of a window. */
  windowWords: v.optional(whole(1, 10000), 10),
  /** `split`: NMF of [a⁺, a⁻]; `auto`: NMF of latents that are never negative, else Semi-NMF. */
  factorizer: v.optional(v.picklist(['auto', 'nmf', 'semi-nmf', 'split']), 'auto'),
  /** Fit signed latents the other ways too, to tell what each costs. */
  compareSigns: v.optional(v.boolean(), true),
  /** N, the size of the Sobol design. */
  nbDesign: v.optional(whole(2, 65536), 32),
  sampler: v.optional(v.picklist(['sobol', 'halton', 'latin-hypercube']), 'sobol'),
  estimator: v.optional(v.picklist(['jansen', 'homma', 'janon', 'glen', 'saltelli']), 'jansen'),
  /** Level of the intervals. */
  confidence: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.95),
  batchSize: v.optional(whole(1, 65536), 32),
  seed: v.optional(whole(0), 0),
  /** Texts that are shown with heatmaps. */
  examples: v.optional(whole(0, 10000), 12),
  /** A second group: a label of the texts, or a class; null: no comparison. */
  compare: v.optional(v.nullable(v.string()), null),
});

export type TextRequest = v.InferOutput<typeof TextRequestSchema>;

/**
 * Checks a run and fills in the defaults.
 *
 * @throws {@link CraftError} `OPTION` that names the first wrong setting.
 */
export function parseTextRequest(raw: v.InferInput<typeof TextRequestSchema>): TextRequest {
  const result = v.safeParse(TextRequestSchema, raw);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? 'request';
  const expected = [issue.expected, issue.requirement].find((part) => part !== undefined && part !== null);
  throw new CraftError(
    'OPTION',
    `${where}: expected ${String(expected ?? 'another value')}; got ${issue.received}`,
  );
}
