// Which inputs a report shows as pictures.

import type { Explanation } from '../craft/explanation.ts';
import { subConceptsOf } from './explanation-tree.ts';

/** Of inputs that the model takes for another class, which a reader looks at first. */
const MOST_MISSED = 48;

/** Indices, rising: the examples, the sources of each concept's best rows, and the first that the model gets wrong. */
export function shownInputs(explanation: Explanation): number[] {
  const { concepts, examples, inputs } = explanation;
  const best = [...concepts, ...subConceptsOf(explanation)].flatMap(({ bestRows }) => bestRows);
  const missed = [...inputs.items.keys()].filter(
    (n) => inputs.items[n].predicted.id !== explanation.class.id,
  );
  const shown = new Set([...examples, ...best.map(({ input }) => input), ...missed.slice(0, MOST_MISSED)]);
  return [...shown].sort((a, b) => a - b);
}
