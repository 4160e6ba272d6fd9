// Long texts in parts, so that a pattern from outside sees no more of a text than it can go over in a moment.
//
// A pattern that check-tokenizer lets pass may still take time with the square of what it sees: `a+b` starts anew at
// every a. On parts of a fixed length that is time in proportion to the text.

/** UTF-16 units that a pattern sees at once, at most: of its square, some millions of steps. */
const MOST = 4096;

/** Marks at which every published pattern ends a word. */
const MARKS = ',;:!?，。；：！？、';

/**
 * The text in parts of at most 4096 units, of at least half as many but the last. Parts begin at a single space between
 * two words, else at a mark after a letter, where the patterns of published tokenizers begin a piece too, so that they
 * give the same pieces; else wherever the part is full.
 */
export function* stretchesOf(text: string): Generator<string> {
  let at = 0;
  while (text.length - at > MOST) {
    const end = cutIn(text, at + MOST / 2, at + MOST);
    yield text.slice(at, end);
    at = end;
  }
  if (at < text.length) yield text.slice(at);
}

/** The last place from `first` to `last` where a part may end. */
function cutIn(text: string, first: number, last: number): number {
  for (const isCut of [isBetweenWords, isAfterWord]) {
    for (let i = last; i >= first; i--) if (isCut(text, i)) return i;
  }
  const isPair = /[\ud800-\udbff]/.test(text[last - 1]);
  return isPair ? last - 1 : last;
}

function isBetweenWords(text: string, i: number): boolean {
  return text[i] === ' ' && /\S/.test(text[i - 1]) && /\S/.test(text[i + 1] ?? ' ');
}

function isAfterWord(text: string, i: number): boolean {
  return MARKS.includes(text[i]) && /\p{L}/u.test(text[i - 1]);
}
