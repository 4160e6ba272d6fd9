// The mails of the text demo: read, cleaned, without repeats, and split with a seed.

import { random, shuffle } from '../../tensor/random.ts';
import { mailText } from './mail.ts';

export const LABELS = ['ham', 'spam'] as const;

/** A mail that the demo uses. */
export interface Mail {
  /** Group and number in the corpus. */
  readonly id: string;
  /** Subject and the beginning of the body; see {@link mailText}. */
  readonly text: string;
  /** Index in {@link LABELS}. */
  readonly label: 0 | 1;
}

/** Mails to train on and mails kept from it, no text in both. */
export interface Split {
  readonly train: readonly Mail[];
  readonly heldOut: readonly Mail[];
}

const MIN_CHARACTERS = 40;
/** Of the letters of a mail, those of English: a mail in Big5 or Cyrillic is noise to an English encoder. */
const MIN_LATIN = 0.98;
/** Small words of English, and of the other languages that spam comes in. */
const ENGLISH = /\b(?:the|and|of|to|you|your|for|is|with|this|are|it|we|our|not|be|by|from|as|at)\b/gi;
const OTHERS =
  /\b(?:le|les|des|et|que|de|en|un|una|los|para|por|der|die|und|das|ist|nicht|mit|il|di|del|het|een|em|os|se)\b/gi;
/** Two bytes of another character set, read as Latin-1, or bytes that are no text. */
const FOREIGN = /[\u00a1-\u00bf][A-Z\u00a1-\u00ff]|(?![\t\n\r])\p{Cc}/gu;
/** What is compared to find the same mail sent twice with another name or number in it. */
const FINGERPRINT = 160;

/**
 * Reads the corpus.
 *
 * @param lines - a JSON object a line, with `id`, `group` and the raw mail as `text`.
 * @returns mails of enough English text, in order; of mails that say the same, only the first.
 */
export function readCorpus(lines: string): Mail[] {
  const mails: Mail[] = [];
  const seen = new Set<string>();
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const { id, group, text: raw } = JSON.parse(line) as Record<string, unknown>;
    if (typeof raw !== 'string' || typeof group !== 'string') continue;
    const text = mailText(raw);
    const print = fingerprint(text);
    if (text.length < MIN_CHARACTERS || !isEnglish(text) || seen.has(print)) continue;
    seen.add(print);
    mails.push({ id: `${group}/${String(id)}`, text, label: group.startsWith('spam') ? 1 : 0 });
  }
  return mails;
}

/** `perClass` mails of each class held out, at most `most` of each to train on; spam first; the same for the same seed. */
export function splitCorpus(
  mails: readonly Mail[],
  { perClass, most, seed }: { perClass: number; most: number; seed: number },
): Split {
  const train: Mail[] = [];
  const heldOut: Mail[] = [];
  for (const label of [1, 0]) {
    const order = shuffle(
      mails.filter((mail) => mail.label === label),
      random(seed, label),
    );
    heldOut.push(...order.slice(0, perClass));
    train.push(...order.slice(perClass, perClass + most));
  }
  return { train, heldOut };
}

/** The first letters of the body: numbers, names in a greeting and white space change between copies. */
function fingerprint(text: string): string {
  const [, ...body] = text.split('\n');
  const letters = (body.join(' ') || text).toLowerCase().replace(/[^a-z]+/g, '');
  return letters.slice(0, FINGERPRINT);
}

function isEnglish(text: string): boolean {
  const letters = text.match(/\p{L}|\uFFFD/gu) ?? [];
  const latin = letters.filter((letter) => /[a-z]/i.test(letter)).length;
  const [own, other] = [ENGLISH, OTHERS].map((words) => text.match(words)?.length ?? 0);
  const foreign = text.match(FOREIGN)?.length ?? 0;
  return letters.length > 0 && latin >= MIN_LATIN * letters.length && other <= own && foreign < 2;
}
