// The words and short phrases of a text, as they are counted for a label.

import { wordSpans } from '../../inputs/text/words.ts';

/** Words of a phrase at most. */
const MAX_WORDS = 3;
/** Longer words are addresses and noise. */
const MAX_CHARACTERS = 30;

/**
 * The terms of a text: every word that has a letter, and every phrase of two or three of them with nothing but
 * white space between, in lower case.
 */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  let phrase: string[] = [];
  let end = 0;
  for (const span of wordSpans(text)) {
    if (text.slice(end, span.start).trim() !== '') phrase = [];
    end = span.end;
    const word = text.slice(span.start, span.end).toLowerCase().normalize('NFC');
    if (!/\p{L}/u.test(word) || word.length > MAX_CHARACTERS) {
      phrase = [];
      continue;
    }
    phrase.push(word);
    if (phrase.length > MAX_WORDS) phrase.shift();
    for (let k = 0; k < phrase.length; k++) terms.add(phrase.slice(k).join(' '));
  }
  return terms;
}
