// Places of the pieces of one normalised text.

import { indexOfBytes, nextCharacter, pieceBytes, textBytes, wordBytes } from './piece-bytes.ts';
import type { TokenizerFacts } from './tokenizer-facts.ts';
import type { TrackedText } from './tracked-text.ts';

/** A word as the pre-tokenizer spells it, and the pieces that the model made of it. */
export interface SplitWord {
  readonly word: string;
  /** null: an unknown part, of unknown length. */
  readonly pieces: readonly (string | null)[];
}

/** [start, end) in the source. */
export type Place = readonly [start: number, end: number];

/** Bytes that a pre-tokenizer may drop before a word that is still found. */
const REACH = 4096;

/**
 * Finds every piece in the text that the words come from. Words are in order and parts of the text between
 * them may have been dropped; pieces are found within their word, so that an unknown one takes what its
 * neighbours leave. A piece of white space is an empty place at where it stands; so is one that cannot be found.
 *
 * @returns a place for every piece of every word, starts in ascending order.
 */
export function alignPieces(
  tracked: TrackedText,
  words: readonly SplitWord[],
  facts: TokenizerFacts,
): Place[] {
  const text = textBytes(tracked.text, facts);
  const places: Place[] = [];
  let cursor = 0;
  for (const { word, pieces } of words) {
    const bytes = wordBytes(word, facts);
    const reach = Math.min(text.bytes.length, cursor + REACH + bytes.length);
    const found = indexOfBytes(text.bytes, bytes, cursor, reach);
    const start = found < 0 ? cursor : found;
    const end = found < 0 ? cursor : found + bytes.length;
    for (const [from, to] of rangesOf(text.bytes, start, end, pieces, facts)) {
      places.push(placeOf(tracked, text.units, from, to));
    }
    cursor = end;
  }
  return places;
}

/** Bytes [from, to) of each piece of the word at bytes[start, end). */
function rangesOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  pieces: readonly (string | null)[],
  facts: TokenizerFacts,
): [number, number][] {
  const ranges: [number, number][] = [];
  let cursor = start;
  let unknown = 0; // pieces before the next known one
  const giveUnknown = (until: number): void => {
    for (; unknown > 0; unknown--) {
      const next = unknown === 1 ? until : Math.min(until, nextCharacter(bytes, cursor));
      ranges.push([cursor, next]);
      cursor = next;
    }
  };
  pieces.forEach((piece, k) => {
    if (piece === null) {
      unknown++;
      return;
    }
    const part = pieceBytes(piece, k === 0, facts);
    let from = cursor;
    for (let skipped = 0; skipped < unknown && from < end; skipped++) from = nextCharacter(bytes, from);
    const found = indexOfBytes(bytes, part, from, end);
    const at = found < 0 ? Math.min(from, end) : found;
    giveUnknown(at);
    cursor = found < 0 ? at : at + part.length;
    ranges.push([at, cursor]);
  });
  giveUnknown(end);
  return ranges;
}

/** From bytes to the source: the characters that the bytes belong to. */
function placeOf({ starts, ends }: TrackedText, units: Int32Array, from: number, to: number): Place {
  if (to > from) return [starts[units[from]], ends[lastUnit(units, to - 1, ends.length)]];
  const at =
    from < units.length ? starts[units[from]] : units.length > 0 ? ends[units[units.length - 1]] : starts[0];
  return [at, at];
}

/** The last unit of the character that a byte belongs to: the second of a surrogate pair. */
function lastUnit(units: Int32Array, byte: number, length: number): number {
  const unit = units[byte];
  let next = byte + 1;
  while (next < units.length && units[next] === unit) next++;
  // 4 bytes are a pair; the first byte of the character is needed to count them
  let first = byte;
  while (first > 0 && units[first - 1] === unit) first--;
  return next - first === 4 ? Math.min(unit + 1, length - 1) : unit;
}
