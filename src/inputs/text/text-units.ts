// Texts parted into units: what crops are to images.

import { CraftError } from '../../errors.ts';
import type { TextUnit, UnitKind } from './text-unit.ts';
import { type Span, wordSpans } from './words.ts';

/** How texts are parted. */
export interface UnitOptions {
  /**
   * `text`: whole; `sentence`; `clause`: sentences parted at commas, colons and dashes; `window`: runs of
   * {@link windowWords} words, each ⌊0.8 · length⌋ after the one before, as crops are. `auto` (default): a text of
   * at most 16 words whole, others by sentence.
   */
  readonly kind?: UnitKind | 'auto';
  /** Words of a window, marks included; default 10. */
  readonly windowWords?: number;
  /** Most units of one text, evenly spread over it; default 256. */
  readonly maxUnits?: number;
}

/** Texts of at most so many words are units of their own in `auto`. */
const SHORT_TEXT = 16;
/** A part with fewer words, marks not counted, says too little alone: it joins the next one. */
const LEAST_WORDS = 3;
/** A sentence or clause of more words is parted again, at last into windows of half as many words. */
const MOST_WORDS = 40;
/** What it is parted into has at least so many. */
const LEAST_OF_LONG = 8;
const OVERLAP = 0.8;

/** In a fixed language, so that units are the same on every machine; made when first needed, as it takes time. */
let segmenter: Intl.Segmenter | undefined;

/**
 * The units of texts, in order.
 *
 * @returns units with their place in their text; none of a text that is white space alone.
 * @throws {@link CraftError} `OPTION` if a setting is out of range.
 */
export function textUnits(texts: readonly string[], options: UnitOptions = {}): TextUnit[] {
  const settings = resolved(options);
  return texts.flatMap((text, n) =>
    unitSpans(text, settings).map(({ start, end }): TextUnit => ({ text: n, start, end })),
  );
}

/** The unit's own text. */
export function unitText(texts: readonly string[], { text, start, end }: TextUnit): string {
  return texts[text].slice(start, end);
}

function resolved({ kind = 'auto', windowWords = 10, maxUnits = 256 }: UnitOptions): Required<UnitOptions> {
  if (!['auto', 'text', 'sentence', 'clause', 'window'].includes(kind)) {
    throw new CraftError(
      'OPTION',
      `units: expected auto, text, sentence, clause or window; got ${String(kind)}`,
    );
  }
  for (const [name, value] of Object.entries({ windowWords, maxUnits })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new CraftError('OPTION', `${name}: expected a whole number ≥ 1; got ${value}`);
  }
  return { kind, windowWords, maxUnits };
}

function unitSpans(text: string, { kind, windowWords, maxUnits }: Required<UnitOptions>): Span[] {
  const words = wordSpans(text);
  if (words.length === 0) return [];
  const all: Span = { start: words[0].start, end: words[words.length - 1].end };
  const isWhole = kind === 'text' || (kind === 'auto' && words.length <= SHORT_TEXT);
  if (isWhole) return [all];
  if (kind === 'window') return spread(windows(words, windowWords), maxUnits);
  const sentences = joined(text, partsAt(words, sentenceEnds(text)), LEAST_WORDS);
  const parts = kind === 'clause' ? sentences.flatMap((s) => clauses(text, s, LEAST_WORDS)) : sentences;
  return spread(
    parts.flatMap((part) => bounded(text, part)),
    maxUnits,
  );
}

/** A line of so many characters was broken because it was full. */
const FULL_LINE = 50;

/** Ends of sentences; a line that was broken at its length goes on in the next one. */
function sentenceEnds(text: string): number[] {
  const lines = text.split('\n');
  const flowing = lines.map((line, k) => {
    const goesOn = line.length >= FULL_LINE && /^\S/.test(lines[k + 1] ?? '');
    // as long as it was, so that places stay
    return goesOn ? `${line.replace(/\r$/, ' ')} ` : `${line}\n`;
  });
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  return Array.from(segmenter.segment(flowing.join('')), ({ segment, index }) => index + segment.length);
}

/** Words in runs that end at the given places. */
function partsAt(words: readonly Span[], ends: readonly number[]): Span[][] {
  const parts: Span[][] = [];
  let part: Span[] = [];
  let at = 0;
  for (const word of words) {
    let isNew = false;
    for (; at < ends.length && ends[at] <= word.start; at++) isNew = true;
    if (isNew && part.length > 0) {
      parts.push(part);
      part = [];
    }
    part.push(word);
  }
  return part.length > 0 ? [...parts, part] : parts;
}

/** A sentence at the marks that part clauses. */
function clauses(text: string, words: readonly Span[], least: number): Span[][] {
  const ends = words.filter(({ start, end }) => /^[,;:—–()，；：、،]$/u.test(text.slice(start, end)));
  const parts = partsAt(
    words,
    ends.map(({ end }) => end),
  );
  return joined(text, parts, least);
}

/** Parts of fewer than `least` words with the part after them, the last with the one before. */
function joined(text: string, parts: readonly Span[][], least: number): Span[][] {
  const isWord = ({ start, end }: Span): boolean => /[\p{L}\p{N}]/u.test(text.slice(start, end));
  const result: Span[][] = [];
  let waiting: Span[] = [];
  for (const part of parts) {
    waiting = [...waiting, ...part];
    if (waiting.filter(isWord).length < least) continue;
    result.push(waiting);
    waiting = [];
  }
  const last = result.pop();
  return last ? [...result, [...last, ...waiting]] : [waiting];
}

/** A part as a unit, or as several if it is too long. */
function bounded(text: string, words: readonly Span[]): Span[] {
  if (words.length <= MOST_WORDS) return [around(words)];
  const parts = clauses(text, words, LEAST_OF_LONG);
  if (parts.length === 1) return windows(words, MOST_WORDS / 2);
  return parts.flatMap((part) => (part.length > MOST_WORDS ? windows(part, MOST_WORDS / 2) : [around(part)]));
}

/** Runs of `size` words, the last one up to the end. */
function windows(words: readonly Span[], size: number): Span[] {
  const stride = Math.max(1, Math.floor(OVERLAP * size));
  const spans: Span[] = [];
  for (let first = 0; first + size < words.length; first += stride)
    spans.push(around(words.slice(first, first + size)));
  return [...spans, around(words.slice(-size))];
}

function around(words: readonly Span[]): Span {
  return { start: words[0].start, end: words[words.length - 1].end };
}

/** At most `most` of the spans, evenly spread. */
function spread(spans: readonly Span[], most: number): Span[] {
  if (spans.length <= most) return [...spans];
  return Array.from({ length: most }, (_, k) => spans[Math.floor((k * spans.length) / most)]);
}
