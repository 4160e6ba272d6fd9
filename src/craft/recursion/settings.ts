// How concepts are taken apart.

import { CraftError } from '../../errors.ts';
import { checkWhole, type RunOptions } from '../options.ts';

/** Options of {@link Craft.examine}. */
export interface ExamineOptions extends RunOptions {
  /** Rows at or above this percentile of the concept's coefficient stand for it; default 90, as in the paper. */
  readonly percentile?: number;
  /** The earlier layer: a tensor, node or module; default: up to `layersTried` of the classifier's `earlier`. */
  readonly layer?: string;
  /** Earlier layers that are tried where none is named; default 3. */
  readonly layersTried?: number;
  /** Most sub-concepts that are tried; default 5, at most 12. */
  readonly mostConcepts?: number;
  /** Most rows of a concept that are encoded again, spread over their ranking; default 128. */
  readonly mostRows?: number;
  /** Fewer rows are not looked at; default 12: three for each of two concepts in each half of the rows. */
  readonly leastRows?: number;
  /** Most of their crops (inputs, where rows are no crops) that the importance is taken over; default 24. */
  readonly importanceParts?: number;
}

export type ExamineSettings = Required<Omit<ExamineOptions, 'layer' | keyof RunOptions>>;

const defaults: ExamineSettings = {
  percentile: 90,
  layersTried: 3,
  mostConcepts: 5,
  mostRows: 128,
  leastRows: 12,
  importanceParts: 24,
};

/** Options with their defaults. @throws {@link CraftError} `OPTION` that names the first wrong one. */
export function resolveExamine(options: ExamineOptions = {}): ExamineSettings {
  const given = Object.entries(options).filter(([name, value]) => name in defaults && value !== undefined);
  const settings: ExamineSettings = { ...defaults, ...Object.fromEntries(given) };
  if (!(settings.percentile >= 0 && settings.percentile <= 100)) {
    throw new CraftError('OPTION', `percentile: expected a number from 0 to 100; got ${settings.percentile}`);
  }
  checkWhole('layersTried', settings.layersTried, 1);
  checkWhole('mostConcepts', settings.mostConcepts, 2);
  checkWhole('mostRows', settings.mostRows, 2);
  checkWhole('leastRows', settings.leastRows, 1);
  checkWhole('importanceParts', settings.importanceParts, 1);
  if (settings.mostConcepts > 12) {
    throw new CraftError('OPTION', `mostConcepts: expected at most 12; got ${settings.mostConcepts}`);
  }
  return settings;
}
