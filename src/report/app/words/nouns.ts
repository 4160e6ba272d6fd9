// What inputs and rows are called, for images and for texts.

import type { TextExplanation } from '../../../craft/text/text-explanation.ts';
import type { Explained } from '../../report-data.ts';

export function isText(explanation: Explained): explanation is TextExplanation {
  return explanation.inputs.kind === 'text';
}

/** 'image' or 'text'. */
export const inputNoun = (explanation: Explained): string => explanation.inputs.kind;

/** What a row of U is, one of many. */
export function rowNoun(explanation: Explained): string {
  if (isText(explanation)) return 'unit';
  return explanation.settings.rows === 'crops' ? 'crop' : 'place';
}
