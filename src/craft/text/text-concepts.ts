// The concepts of a fit on texts: ordered by importance, named by their words, shown by their units.

import { hoyerSparsity } from '../../math/stats.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Importance } from '../importance.ts';
import type { DraftLabel } from './draft-labels.ts';
import { columnOf, strongestRows } from './strongest-rows.ts';
import type { TextConcept } from './text-explanation.ts';
import type { UnitTable } from './unit-table.ts';

/** Units of a concept that are shown. */
export const BEST_UNITS = 10;
/** Of one text, so that one long text is not all there is to see. */
const MOST_OF_ONE_TEXT = 2;
/** A concept counts as present in a unit above this share of its largest coefficient. */
const PRESENT = 0.1;

/** Describes each concept; U, `importance` and `drafts` are in the order of the ids. */
export function textConcepts(
  U: Tensor,
  importance: Importance,
  units: UnitTable,
  drafts: readonly DraftLabel[],
): TextConcept[] {
  const [n, r] = U.dims;
  return Array.from({ length: r }, (_, id) => {
    const values = columnOf(U, id);
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
      bestUnits: bestUnits(values, units),
    };
  });
}

/** The strongest units, strongest first; the same words once, letters alone compared. */
function bestUnits(
  values: Float64Array,
  { text: texts, start, end, letters }: UnitTable,
): TextConcept['bestUnits'] {
  const seen = new Set<number>();
  const ofText = new Map<number, number>();
  const best: TextConcept['bestUnits'] = [];
  for (const row of strongestRows(values)) {
    if (best.length === BEST_UNITS) break;
    const text = texts[row];
    const already = ofText.get(text) ?? 0;
    if (seen.has(letters[row]) || already === MOST_OF_ONE_TEXT) continue;
    seen.add(letters[row]);
    ofText.set(text, already + 1);
    best.push({ row, input: text, span: [start[row], end[row]], value: values[row] });
  }
  return best;
}

/** The texts that an explanation shows something of: examples, and those of the units that it names. */
export function shownIn(
  examples: readonly number[],
  concepts: readonly TextConcept[],
  { text }: Pick<UnitTable, 'text'>,
): Set<number> {
  const rows = concepts.flatMap(({ draft, bestUnits: best }) => [
    ...best.map(({ row }) => row),
    ...draft.terms.flatMap((term) => term.rows),
  ]);
  return new Set([...examples, ...rows.map((row) => text[row])]);
}
