// Which words of its best units a concept needs.

import { checkAborted } from '../batches.ts';
import type { RunOptions } from '../options.ts';
import { occlude, wordParts } from './occlusion.ts';
import type { TextConcept } from './text-explanation.ts';
import { type HeatmapFacts, rounded } from './text-heatmaps.ts';

/** Parts of a unit at most: so many runs of g more. */
export const MOST_UNIT_PARTS = 20;

/**
 * Adds the words of the best units of each concept with what the concept loses without them. Units are alone, as they
 * are in A; one that is the best of several concepts is taken apart once.
 */
export async function withUnitMaps(
  concepts: readonly TextConcept[],
  texts: ReadonlyMap<number, string>,
  { order, coefficients }: Pick<HeatmapFacts, 'order' | 'coefficients'>,
  { signal, onProgress }: RunOptions,
): Promise<TextConcept[]> {
  const units = new Map(concepts.flatMap(({ bestUnits }) => bestUnits.map((unit) => [unit.row, unit])));
  const maps = new Map<number, (i: number) => [number, number, number][]>();
  for (const [row, { input, span }] of units) {
    checkAborted(signal);
    const [start, end] = span;
    const text = texts.get(input)!.slice(start, end);
    const { spans, scores } = await occlude(text, wordParts(text, MOST_UNIT_PARTS), coefficients);
    const r = scores.dims[1];
    maps.set(row, (i) =>
      spans.map((part, s) => [start + part.start, start + part.end, rounded(scores.data[s * r + i])]),
    );
    onProgress?.({ stage: 'maps', done: maps.size, total: units.size });
  }
  return concepts.map((concept) => ({
    ...concept,
    bestUnits: concept.bestUnits.map((unit) => ({ ...unit, words: maps.get(unit.row)!(order[concept.id]) })),
  }));
}
