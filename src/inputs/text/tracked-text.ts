// A text under normalisation that remembers where each unit of it comes from.
//
// Normalisers tell nothing of positions. Most work character by character, so they are run on each character
// alone, and the lengths of the results tell the places; where these do not add up to the whole, the two
// texts are matched from left to right.

/** Text with the [start, end) of each of its UTF-16 units in the source. */
export interface TrackedText {
  readonly text: string;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The part [start, end) of a source as it is. */
export function trackedSource(source: string, start: number, end: number): TrackedText {
  const text = source.slice(start, end);
  return {
    text,
    starts: Int32Array.from({ length: text.length }, (_, i) => start + i),
    ends: Int32Array.from({ length: text.length }, (_, i) => start + i + 1),
  };
}

/** A part [start, end) of a tracked text. */
export function trackedSlice({ text, starts, ends }: TrackedText, start: number, end: number): TrackedText {
  return {
    text: text.slice(start, end),
    starts: starts.subarray(start, end),
    ends: ends.subarray(start, end),
  };
}

/** A character with the marks that combine with it, or marks alone. */
const CHARACTERS = /\P{M}\p{M}*|\p{M}+/gu;

/** What `normalise` makes of a text, tracked; `starts` and `ends` stay in order. O(n). */
export function normaliseTracked(before: TrackedText, normalise: (text: string) => string): TrackedText {
  const after = normalise(before.text);
  if (after === before.text) return before;
  const origin = trimmed(before.text, after) ?? byCharacter(before.text, after, normalise);
  return throughOrigin(before, after, origin ?? matched(before.text, after));
}

/** [first, last) in the text before, for each unit of the text after. */
interface Origin {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

function throughOrigin({ starts, ends }: TrackedText, text: string, { first, last }: Origin): TrackedText {
  const length = starts.length;
  // where nothing stands for a unit, as for a prepended one, it has the place between its neighbours
  const at = (i: number): number => (i < length ? starts[i] : length > 0 ? ends[length - 1] : 0);
  const newStarts = first.map(at);
  return {
    text,
    starts: newStarts,
    ends: last.map((end, i) => (end > first[i] ? ends[end - 1] : newStarts[i])),
  };
}

/** The origin where the text only lost or gained something at its two ends. */
function trimmed(before: string, after: string): Origin | null {
  const cut = before.indexOf(after);
  if (cut >= 0) return shifted(after.length, (i) => [cut + i, cut + i + 1]);
  if (!after.endsWith(before)) return null;
  const added = after.length - before.length;
  return shifted(after.length, (i) => (i < added ? [0, 0] : [i - added, i - added + 1]));
}

function shifted(length: number, place: (i: number) => [number, number]): Origin {
  const first = new Int32Array(length);
  const last = new Int32Array(length);
  for (let i = 0; i < length; i++) [first[i], last[i]] = place(i);
  return { first, last };
}

/** The origin by characters; null if the results of single characters are not as long as the whole. */
function byCharacter(before: string, after: string, normalise: (text: string) => string): Origin | null {
  const first = new Int32Array(after.length);
  const last = new Int32Array(after.length);
  const lengths = new Map<string, number>();
  let from = 0;
  let to = 0;
  for (const [character] of before.matchAll(CHARACTERS)) {
    let length = lengths.get(character);
    if (length === undefined) lengths.set(character, (length = normalise(character).length));
    if (to + length > after.length) return null;
    first.fill(from, to, to + length);
    last.fill(from + character.length, to, to + length);
    from += character.length;
    to += length;
  }
  return to === after.length ? { first, last } : null;
}

/** Units that are equal before two texts count as matched again, and how far such a place is looked for. */
const ANCHOR = 3;
const REACH = 48;

/** The origin by matching: equal units are each other's, a part that differs stands for the part that it replaced. */
function matched(before: string, after: string): Origin {
  const first = new Int32Array(after.length);
  const last = new Int32Array(after.length);
  let i = 0;
  let j = 0;
  while (j < after.length) {
    const [di, dj] = before[i] === after[j] ? [1, 1] : difference(before, i, after, j);
    first.fill(Math.min(i, before.length), j, j + dj);
    last.fill(Math.min(i + di, before.length), j, j + dj);
    i += di;
    j += dj;
  }
  return { first, last };
}

/** Lengths of the parts from i and j after which the texts agree again, the shortest together. */
function difference(before: string, i: number, after: string, j: number): [number, number] {
  for (let sum = 1; sum <= REACH; sum++) {
    for (let dj = 0; dj <= Math.min(sum, after.length - j); dj++) {
      const di = sum - dj;
      if (i + di <= before.length && agree(before, i + di, after, j + dj)) return [di, dj];
    }
  }
  return [1, 1];
}

function agree(before: string, i: number, after: string, j: number): boolean {
  const anchor = after.slice(j, j + ANCHOR);
  return anchor === '' ? i === before.length : before.startsWith(anchor, i);
}
