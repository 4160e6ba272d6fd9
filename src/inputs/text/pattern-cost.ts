// Which regular expressions of a tokenizer may run: those whose time cannot explode with the length of a text.
//
// A backtracking engine tries every way to part a text between repetitions. There are exponentially many where a
// repeated group can be parted in several ways itself, and as many as the length to the power of the repetitions
// where those in a row can take the same characters and what comes after them can fail.

import { PatternError, type PatternPart, patternBranches } from './pattern-parts.ts';

const MOST_CHARACTERS = 4096;
/** A part that may be there so often counts as repeated without end. */
const MANY = 64;
/** Two repetitions in a row are met in practice, as `\s*[\r\n]+`. */
const MOST_REPEATED = 2;

/** Characters of all kinds that patterns tell apart. */
const SAMPLE = [
  ...Array.from({ length: 0x250 }, (_, code) => String.fromCodePoint(code)),
  ...'ͰΩωЯяאبअกაᄀᴀἀ\u0301\u0345\u0903\u20e3ʰ᭄ªǅﬁ',
  ...'٣৪Ⅷ①½²',
  ...' \u2028\u2029\u3000\u200b\u200d\ufeff',
  ...'‐–—‘’“”…‹›⁀€₿∑→■☃♥、。，！？「」・〜',
  ...'ひカ漢字한글ㄅ',
  ...'😀🇪𝒳𐍈\u{e000}\u{1f3fb}',
];

/** Why a pattern may not run; null if it may. */
export function patternTrouble(source: string): string | null {
  if (source.length > MOST_CHARACTERS) return `a pattern of ${source.length} characters`;
  try {
    for (const branch of patternBranches(source)) checkBranch(branch);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

function checkBranch(branch: readonly PatternPart[]): void {
  for (const part of branch) {
    for (const inner of part.branches ?? []) checkBranch(inner);
    if (part.max > 1 && part.branches) checkRepeated(part.branches);
  }
  const flat = flattened(branch);
  const repeated = flat.filter(isMany);
  if (repeated.length > MOST_REPEATED) {
    throw new PatternError(`${repeated.length} parts in a row that repeat without end`);
  }
  const [first, second] = repeated;
  if (!second || !overlap(first, second)) return;
  if (flat.slice(flat.indexOf(second) + 1).some(({ min }) => min > 0))
    throw new PatternError(`two repetitions of the same characters before another part: ${quoted(second)}`);
}

/** A group that repeats has one way to be parted: characters of different kinds, or several of one length. */
function checkRepeated(branches: readonly PatternPart[][]): void {
  const parts = branches.flat();
  if (parts.some(({ branches: inner, min, max }) => inner !== null || min !== max))
    throw new PatternError('a repetition within a repetition');
  for (const [k, [a]] of branches.entries()) {
    for (const [b] of branches.slice(0, k)) {
      if (!a || !b || overlap(a, b)) throw new PatternError('a repetition of branches that begin alike');
    }
  }
}

/** The parts of a branch with those of groups in their place. */
function flattened(branch: readonly PatternPart[]): PatternPart[] {
  return branch.flatMap((part) => {
    if (!part.branches || part.max > 1) return [part];
    const inner = part.branches.map(flattened);
    // of several branches, those that repeat stand for all
    const parts = inner.length === 1 ? inner[0] : inner.flat().filter(isMany);
    return parts.length > 0 ? parts : [part];
  });
}

function isMany({ max }: PatternPart): boolean {
  return max > MANY;
}

/** Whether two parts can begin with the same character; a group may begin with any. */
function overlap(a: PatternPart, b: PatternPart): boolean {
  if (a.branches || b.branches) return true;
  try {
    const [first, second] = [a, b].map(({ source }) => new RegExp(`^(?:${source})$`, 'u'));
    return SAMPLE.some((character) => first.test(character) && second.test(character));
  } catch {
    return true; // of a syntax that only the tokenizer's engine knows
  }
}

function quoted({ source }: PatternPart): string {
  return JSON.stringify(source.slice(0, 60));
}
