// A tokenizer.json from outside: what may be in it, before anything is made of it.

import { CraftError } from '../../errors.ts';
import { patternTrouble } from './pattern-cost.ts';

type Json = Readonly<Record<string, unknown>>;

/** Pieces of a vocabulary, and merges, at most; those of the largest published ones are 256,000 and 600,000. */
const MOST_PIECES = 2_000_000;
const MOST_ADDED = 100_000;
/** Steps of a normalizer, pre-tokenizer or post-processor, those within sequences too. */
const MOST_STEPS = 256;
const MOST_DEPTH = 8;

/**
 * Checks that a tokenizer is no larger than any real one and that its patterns take time in proportion to the text.
 *
 * @throws {@link CraftError} `FILE_FORMAT` with the part and what is wrong with it.
 */
export function checkTokenizer(tokenizer: Json): void {
  const model = record(tokenizer.model);
  checkCount('model.vocab', model.vocab, MOST_PIECES);
  checkCount('model.merges', model.merges, MOST_PIECES);
  checkCount('added_tokens', tokenizer.added_tokens, MOST_ADDED);
  for (const name of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'])
    checkSteps(name, tokenizer[name], { left: MOST_STEPS }, 0);
}

function checkCount(name: string, value: unknown, most: number): void {
  if (typeof value !== 'object' || value === null) return;
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (count > most) throw refused(name, `at most ${most} entries`, `${count}`);
}

function checkSteps(name: string, value: unknown, budget: { left: number }, depth: number): void {
  const step = record(value);
  if (depth > MOST_DEPTH || budget.left-- <= 0) throw refused(name, `at most ${MOST_STEPS} steps`, 'more');
  const { Regex: pattern } = record(step.pattern);
  const trouble = typeof pattern === 'string' ? patternTrouble(pattern) : null;
  if (trouble !== null) {
    const shown = JSON.stringify((pattern as string).slice(0, 80));
    throw refused(name, 'patterns whose time grows with the length of a text', `${shown}, with ${trouble}`);
  }
  // a length of 0 would part a text for ever
  if (step.type === 'FixedLength' && !(Number.isSafeInteger(step.length) && (step.length as number) >= 1))
    throw refused(name, 'a length of at least 1', String(step.length));
  for (const members of [step.pretokenizers, step.normalizers, step.processors, step.decoders]) {
    if (Array.isArray(members)) for (const member of members) checkSteps(name, member, budget, depth + 1);
  }
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function refused(part: string, expected: string, got: string): CraftError {
  return new CraftError(
    'FILE_FORMAT',
    `tokenizer.json, ${part}: expected ${expected}; got ${got} – use the file that the model was published with`,
  );
}
