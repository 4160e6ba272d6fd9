// An explanation in a few lines of plain words.

import type { Concept, Explanation } from '../craft/explanation.ts';

const ROWS_SHOWN = 3;

/** The most important concepts: how much, for or against, and on which parts of which inputs. */
export function describeConcepts(explanation: Explanation, count: number): string {
  const { concepts, class: target } = explanation;
  const lines = concepts.slice(0, count).map((concept) => describe(concept, explanation));
  return [`What the model looks at for “${target.label}”:`, ...lines].join('\n');
}

function describe(concept: Concept, explanation: Explanation): string {
  const { value, lower, upper } = concept.importance;
  const share = `${percent(value)} (${percent(lower)}–${percent(upper)})`;
  const direction = concept.effect >= 0 ? 'for' : 'against';
  const seen = concept.bestRows
    .slice(0, ROWS_SHOWN)
    .map(
      ({ input, box }) =>
        `${placeOf(box, explanation.preprocess)} of ${explanation.inputs.items[input].name}`,
    );
  return `  ${concept.id + 1}. importance ${share}, ${direction} the class; clearest ${seen.join(', ') || 'nowhere'}`;
}

/** Where a box is, by the third of the image that its centre is in. */
function placeOf(
  box: { x: number; y: number; width: number; height: number },
  { width, height }: { width: number; height: number },
): string {
  const third = (centre: number, size: number): number => Math.min(2, Math.floor((3 * centre) / size));
  const row = ['top', 'middle', 'bottom'][third(box.y + box.height / 2, height)];
  const column = ['left', 'centre', 'right'][third(box.x + box.width / 2, width)];
  return row === 'middle' && column === 'centre' ? 'in the middle' : `at the ${row} ${column}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
