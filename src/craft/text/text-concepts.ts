// The concepts of a fit on texts: ordered by importance, named by their words, shown by their units.

import type { TextUnit } from '../../inputs/text/text-unit.ts';
import { hoyerSparsity } from '../../math/stats.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Importance } from '../importance.ts';
import { draftLabels } from './draft-labels.ts';
import type { TextConcept } from './text-explanation.ts';

/** Units of a concept that are shown. */
export const BEST_UNITS = 10;
/** Of one text, so that one long text is not all there is to see. */
const MOST_OF_ONE_TEXT = 2;
/** A concept counts as present in a unit above this share of its largest coefficient. */
const PRESENT = 0.1;

/** Describes each concept; U and `importance` are in the order of the ids. */
export function textConcepts(
  U: Tensor,
  importance: Importance,
  units: readonly TextUnit[],
  contents: readonly string[],
): TextConcept[] {
  const [n, r] = U.dims;
  const drafts = draftLabels(
    U,
    units.map(({ text }, row) => ({ content: contents[row], text })),
  );
  return Array.from({ length: r }, (_, id) => {
    const values = Float64Array.from({ length: n }, (_, row) => U.data[row * r + id]);
    const largest = values.reduce((most, u) => Math.max(most, u), 0);
    const probability = importance.aboveNext[id];
    return {
      id,
      importance: { value: importance.total[id], lower: importance.lower[id], upper: importance.upper[id] },
      effect: importance.effect[id],
      prevalence: values.filter((u) => u > PRESENT * largest).length / n,
      sparsity: hoyerSparsity(values),
      aboveNext: Number.isFinite(probability) ? probability : null,
      label: null,
      draft: {
        text: drafts[id].text,
        terms: drafts[id].terms.map(({ term, score, units: rows }) => ({ term, score, rows: [...rows] })),
      },
      bestUnits: bestUnits(values, units, contents),
    };
  });
}

/** The strongest units, strongest first; the same words once, letters alone compared. */
function bestUnits(
  values: Float64Array,
  units: readonly TextUnit[],
  contents: readonly string[],
): TextConcept['bestUnits'] {
  const order = Array.from(values.keys())
    .filter((row) => values[row] > 0)
    .sort((a, b) => values[b] - values[a] || a - b);
  const seen = new Set<string>();
  const ofText = new Map<number, number>();
  const best: TextConcept['bestUnits'] = [];
  for (const row of order) {
    if (best.length === BEST_UNITS) break;
    const { text, start, end } = units[row];
    const letters = contents[row].toLowerCase().replace(/[^\p{L}]+/gu, '');
    const already = ofText.get(text) ?? 0;
    if (seen.has(letters) || already === MOST_OF_ONE_TEXT) continue;
    seen.add(letters);
    ofText.set(text, already + 1);
    best.push({ row, input: text, span: [start, end], value: values[row] });
  }
  return best;
}
