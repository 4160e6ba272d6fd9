// What words are worth to concepts, from the heatmaps of an explanation.

import type { TextConcept, TextExplanation } from '../../../craft/text/text-explanation.ts';
import type { Weight } from './segments.ts';

/** Below this share a tint cannot be seen. */
const LEAST = 0.08;

export interface WordWeights {
  /** Whether the input has a heatmap. */
  has(input: number): boolean;
  /** Spans that some concepts need, each with the one that it is worth most to; none for what is negative. */
  of(input: number, ids: readonly number[]): Weight[];
  /** Largest loss of a concept over all texts shown, shape [r]. */
  scale: readonly number[];
}

/** What a unit loses without each of its words, as weights: their share of the most that a best unit loses. */
export function unitWeights(
  { id, bestUnits }: TextConcept,
  words: readonly (readonly [number, number, number])[],
): Weight[] {
  const losses = bestUnits.flatMap((unit) => (unit.words ?? []).map(([, , loss]) => loss));
  const most = losses.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return [];
  return words
    .map(([start, end, loss]): Weight => ({ id, span: [start, end], share: loss / most }))
    .filter(({ share }) => share >= LEAST);
}

export function wordWeights({ heatmaps, concepts }: TextExplanation): WordWeights {
  const byInput = new Map(heatmaps.map((heatmap) => [heatmap.input, heatmap]));
  const scale = concepts.map(({ id }) =>
    heatmaps.reduce((most, { scores }) => scores.reduce((m, row) => Math.max(m, row[id]), most), 0),
  );
  return {
    has: (input) => byInput.has(input),
    scale,
    of(input, ids) {
      const heatmap = byInput.get(input);
      if (!heatmap) return [];
      return heatmap.spans.flatMap((span, k) => {
        const shares = ids.map((id) => ({
          id,
          span,
          share: scale[id] > 0 ? heatmap.scores[k][id] / scale[id] : 0,
        }));
        const most = shares.reduce((a, b) => (b.share > a.share ? b : a), { id: -1, span, share: 0 });
        return most.share >= LEAST ? [most] : [];
      });
    },
  };
}
