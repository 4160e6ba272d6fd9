// How much of the second half of the model ran for the importance, in plain words.

import type { Explanation } from '../../../craft/explanation.ts';

/** What follows "… runs of the second half of the model", its full stop included. */
export function pathWords(path: Explanation['importance']['path']): string {
  switch (path) {
    case 'folded-pool':
      return ', whose beginning – linear, on one sum over the places – was computed once for each concept and not for each setting: the same numbers for less work.';
    case 'folded-linear':
      return ', whose linear beginning was computed once for each concept and not for each setting: the same numbers for less work.';
    case 'folded-prefix':
      return ', whose linear beginning was computed once for each concept of an image and not for each setting: the same numbers for less work.';
    default:
      return '.';
  }
}
