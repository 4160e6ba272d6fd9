// The tokenizer of the golden text model: words in lower case, `Ġ` before each, parted by the longest piece that fits.

import type { Tokens } from '../../src/inputs/text/tokens.ts';

export interface ToyVocabulary {
  readonly vocab: string[];
  readonly max_len: number;
  readonly special: { bos: number; pad: number; eos: number; unk: number };
}

/** As the reference set describes it: `<s>` first, `</s>` last, at most max_len tokens. */
export function toyTokens({ vocab, special, max_len }: ToyVocabulary, text: string): Tokens {
  const idOf = new Map(vocab.map((piece, id) => [piece, id]));
  const found: { id: number; start: number; end: number }[] = [];
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    let rest = `Ġ${word.toLowerCase()}`;
    let at = index;
    while (rest !== '') {
      let length = rest.length;
      while (length > 1 && !idOf.has(rest.slice(0, length))) length--;
      const id = idOf.get(rest.slice(0, length)) ?? special.unk;
      const characters = length - (rest.startsWith('Ġ') ? 1 : 0);
      found.push({ id, start: at, end: at + characters });
      at += characters;
      rest = rest.slice(length);
    }
  }
  const kept = found.slice(0, max_len - 2);
  const tokens = [{ id: special.bos, start: -1, end: -1 }, ...kept, { id: special.eos, start: -1, end: -1 }];
  return {
    ids: Int32Array.from(tokens, ({ id }) => id),
    typeIds: new Int32Array(tokens.length),
    pieces: tokens.map(({ id }) => vocab[id]),
    offsets: Int32Array.from(tokens.flatMap(({ start, end }) => [start, end])),
    truncated: found.length - kept.length,
  };
}
