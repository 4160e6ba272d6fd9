// The bytes of the text that a piece of the vocabulary stands for.
//
// Pieces and text are compared as UTF-8 without white space: a byte-level piece may be a part of a character, and
// how a tokenizer marks spaces (`Ġ`, `▁`, nothing) is then the same for all.

import type { TokenizerFacts } from './tokenizer-facts.ts';

const encoder = new TextEncoder();

/** GPT-2's spelling of bytes as letters: printable bytes are themselves, others follow from U+0100 on. */
const BYTE_OF_LETTER: ReadonlyMap<string, number> = new Map(
  (() => {
    let next = 0x100;
    const isPrintable = (byte: number): boolean =>
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return Array.from({ length: 256 }, (_, byte): [string, number] => [
      String.fromCharCode(isPrintable(byte) ? byte : next++),
      byte,
    ]);
  })(),
);

const BYTE_FALLBACK = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * Bytes that a piece stands for, without white space.
 *
 * @param isFirst - the piece opens its word: a prefix of continuing pieces is then a part of the text.
 */
export function pieceBytes(piece: string, isFirst: boolean, facts: TokenizerFacts): Uint8Array {
  if (facts.byteFallback) {
    const byte = BYTE_FALLBACK.exec(piece);
    if (byte) return withoutSpace(Uint8Array.of(Number.parseInt(byte[1], 16)));
  }
  const { prefix, suffix } = facts;
  let text = piece;
  if (!isFirst && prefix !== '' && text.startsWith(prefix)) text = text.slice(prefix.length);
  if (suffix !== '' && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
  return wordBytes(text, facts);
}

/** Bytes of a word as the pre-tokenizer spells it, without white space. */
export function wordBytes(word: string, { byteLevel, space }: TokenizerFacts): Uint8Array {
  if (byteLevel) return withoutSpace(Uint8Array.from(word, (letter) => BYTE_OF_LETTER.get(letter) ?? 0x20));
  return withoutSpace(encoder.encode(space === '' ? word : word.replaceAll(space, '')));
}

/** UTF-8 of a text without white space, and the unit of the text that each byte belongs to. */
export function textBytes(
  text: string,
  { byteLevel, space }: TokenizerFacts,
): { bytes: Uint8Array; units: Int32Array } {
  const bytes = new Uint8Array(text.length * 3);
  const units = new Int32Array(text.length * 3);
  let count = 0;
  for (let unit = 0; unit < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(unit)!);
    if (byteLevel || character !== space) {
      const { written } = encoder.encodeInto(character, bytes.subarray(count));
      const isSpaceByte = written === 1 && isSpace(bytes[count]);
      if (!isSpaceByte) units.fill(unit, count, (count += written));
    }
    unit += character.length;
  }
  return { bytes: bytes.subarray(0, count), units: units.subarray(0, count) };
}

function withoutSpace(bytes: Uint8Array): Uint8Array {
  return bytes.some(isSpace) ? bytes.filter((byte) => !isSpace(byte)) : bytes;
}

/** ASCII white space; no byte of a longer UTF-8 sequence is below 0x80. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Where `part` first occurs in bytes[from, to); −1 if it does not. */
export function indexOfBytes(bytes: Uint8Array, part: Uint8Array, from: number, to: number): number {
  for (let at = from; at + part.length <= to; at++) {
    let k = 0;
    while (k < part.length && bytes[at + k] === part[k]) k++;
    if (k === part.length) return at;
  }
  return -1;
}

/** Where the next character of UTF-8 starts after the one at `at`. */
export function nextCharacter(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < bytes.length && (bytes[next] & 0xc0) === 0x80) next++;
  return next;
}
