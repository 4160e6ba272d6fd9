// Inputs that the model gets wrong: against their label where the file has one, else against the class explained.

import type { Explained } from '../../report-data.ts';
import { isText } from './nouns.ts';

/** Label of an input in the file; null where it has none, and where labels do not name the model's classes. */
export function labelOf(explanation: Explained, input: number): string | null {
  return isText(explanation) && hasLabels(explanation) ? explanation.inputs.items[input].label : null;
}

export function isMissed(explanation: Explained, input: number): boolean {
  const { predicted } = explanation.inputs.items[input];
  const label = labelOf(explanation, input);
  if (label === null) return predicted.id !== explanation.class.id;
  return label !== predicted.label;
}

/** Whether inputs have labels that can be held against the model's answers. */
export const hasLabels = (explanation: Explained): boolean =>
  isText(explanation) && explanation.inputs.accuracy !== null;
