// Whether a map does better than a random one, from the intervals of both.

import type { MapMethodScore } from '../../../craft/attribution/evaluation.ts';
import { methodName } from './map-methods.ts';

export type Against = 'better' | 'worse' | 'level';

type Measure = 'deletion' | 'insertion' | 'muFidelity';

/** `level` where the two intervals overlap, and where one is missing. Of deletion the lower is better. */
export function againstChance(row: MapMethodScore, chance: MapMethodScore, measure: Measure): Against {
  const [own, other] = [row[measure], chance[measure]];
  if (!own || !other || row.method === 'random') return 'level';
  if (own.lower > other.upper) return measure === 'deletion' ? 'worse' : 'better';
  if (own.upper < other.lower) return measure === 'deletion' ? 'better' : 'worse';
  return 'level';
}

/** Which methods pass both tests of pixels, as a sentence; empty without a chance level. */
export function chanceSentence(rows: readonly MapMethodScore[]): string {
  const chance = rows.find(({ method }) => method === 'random');
  if (!chance || rows.length < 2) return '';
  const passed = rows.filter((row) =>
    (['deletion', 'insertion'] as const).every((measure) => againstChance(row, chance, measure) === 'better'),
  );
  if (passed.length === 0) return 'None is clearly better than chance both ways.';
  return `Clearly better than chance both ways: ${passed.map(({ method }) => methodName(method)).join(', ')}.`;
}
