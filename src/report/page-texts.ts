// The texts of which a page has a line of its own: of very many some, so that the page opens.

import type { TextExplanation } from '../craft/text/text-explanation.ts';
import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DetailSource } from './details/details.ts';
import type { LeftOut } from './report-data.ts';

/** Texts that a page lists; the files of the explanation have all. */
export const MOST_TEXTS = 10_000;

/** An explanation with its matrices. */
interface Source extends DetailSource {
  readonly explanation: TextExplanation;
}

/** What a page has: texts by their place in the list, and what there is beside the list. */
export interface PageTexts<S extends Source> {
  readonly source: S;
  /** null: nothing. */
  readonly leftOut: LeftOut | null;
}

/**
 * The texts whose words are kept, and evenly spread ones of the others, in their order. Concepts, importance and all
 * other numbers stay those of all texts.
 *
 * @throws {@link CraftError} `SHAPE` if a matrix has not a row for each text.
 */
export function pageTexts<S extends Source>(source: S, most = MOST_TEXTS): PageTexts<S> {
  const { explanation } = source;
  const { inputs, class: target } = explanation;
  const N = inputs.items.length;
  if (N <= most) return { source, leftOut: null };
  const kept = chosen(inputs.items, most);
  const places = new Map(kept.map((n, k) => [n, k]));
  const at = (n: number): number => places.get(n)!;
  const agreeing = inputs.items.filter(({ predicted }) => predicted.id === target.id).length;
  const { U_texts, importance_per_input, contributions, units } = source;
  const reduced = {
    ...source,
    explanation: withTexts(explanation, kept, at),
    ...(U_texts && { U_texts: rowsOf(U_texts, kept, N) }),
    ...(importance_per_input && { importance_per_input: rowsOf(importance_per_input, kept, N) }),
    ...(contributions && { contributions: rowsOf(contributions, kept, N) }),
    ...(units && { units: { ...units, data: moved(units.data, places) } }),
  };
  return { source: reduced, leftOut: { texts: N - kept.length, agreeing } };
}

function chosen(items: TextExplanation['inputs']['items'], most: number): number[] {
  const all = [...items.keys()];
  const shown = all.filter((n) => items[n].text !== null);
  const others = all.filter((n) => items[n].text === null);
  const room = Math.min(others.length, Math.max(0, most - shown.length));
  const spread = Array.from({ length: room }, (_, k) => others[Math.floor((k * others.length) / room)]);
  return [...shown, ...spread].sort((a, b) => a - b);
}

/** All that an explanation names has its words kept, so that it is among the texts. */
function withTexts(
  explanation: TextExplanation,
  kept: readonly number[],
  at: (n: number) => number,
): TextExplanation {
  const { inputs, concepts, examples, heatmaps } = explanation;
  return {
    ...explanation,
    inputs: { ...inputs, items: kept.map((n) => inputs.items[n]) },
    concepts: concepts.map((concept) => ({
      ...concept,
      bestUnits: concept.bestUnits.map((unit) => ({ ...unit, input: at(unit.input) })),
    })),
    examples: examples.map(at),
    heatmaps: heatmaps.map((map) => ({ ...map, input: at(map.input) })),
  };
}

/** Units with the new place of their text; −1 where it is left out. */
function moved(data: ArrayLike<number>, places: ReadonlyMap<number, number>): Int32Array {
  return Int32Array.from(data, (value, k) => (k % 3 === 0 ? (places.get(value) ?? -1) : value));
}

function rowsOf({ data, dims }: Tensor, rows: readonly number[], N: number): Tensor {
  const [count, r] = dims;
  if (dims.length !== 2 || count !== N) {
    throw new CraftError('SHAPE', `renderReport: expected a matrix of ${N} rows; got dims [${dims}]`);
  }
  const some = new Float64Array(rows.length * r);
  rows.forEach((n, k) => {
    for (let i = 0; i < r; i++) some[k * r + i] = data[n * r + i];
  });
  return { data: some, dims: [rows.length, r] };
}
