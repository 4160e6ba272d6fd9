// A regular expression taken apart, as far as its running time depends on it.

/** What may be repeated: one character of some kind, or a group. */
export interface PatternPart {
  readonly source: string;
  /** Branches of a group; null for a character. */
  readonly branches: readonly PatternPart[][] | null;
  /** How often it may be there, ∞ as Infinity. */
  readonly min: number;
  readonly max: number;
}

/** A pattern that is not taken apart, with the reason. */
export class PatternError extends Error {}

const MOST_DEPTH = 16;
const GROUP = /\((?:\?(?:[:=!>|~]|<[=!]|P?<\w{1,64}>|[a-z]{0,8}(?:-[a-z]{1,8})?:))?/y;
const ESCAPE =
  /\\(?:[pP]\{[^}]{1,64}\}|x\{[^}]{1,8}\}|x[0-9a-fA-F]{1,2}|u\{[^}]{1,8}\}|u[0-9a-fA-F]{4}|[\s\S])/uy;
const QUANTIFIER = /(?:[*+?]|\{\d{0,6}(?:,\d{0,6})?\})[?+]?/y;
const COUNTS = /^\{(\d*)(,?)(\d*)\}/;
const BACK_REFERENCE = /^\\[1-9kg]/;

/** Branches of a pattern. @throws PatternError if it is no pattern, refers back, or is nested too deep. */
export function patternBranches(source: string): PatternPart[][] {
  const reader = new PatternReader(source);
  const branches = reader.branches(0);
  if (reader.at < source.length) throw new PatternError('a bracket that closes nothing');
  return branches;
}

class PatternReader {
  at = 0;
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  branches(depth: number): PatternPart[][] {
    if (depth > MOST_DEPTH) throw new PatternError('groups nested too deep');
    const branches: PatternPart[][] = [[]];
    while (this.at < this.#source.length && this.#source[this.at] !== ')') {
      if (this.#source[this.at] === '|') {
        this.at++;
        branches.push([]);
      } else branches[branches.length - 1].push(this.#part(depth));
    }
    return branches;
  }

  #part(depth: number): PatternPart {
    const start = this.at;
    const branches = this.#atom(depth);
    const source = this.#source.slice(start, this.at);
    const [min, max] = rangeOf(this.#match(QUANTIFIER));
    return { source, branches, min, max };
  }

  /** Reads one atom; its branches if it is a group. */
  #atom(depth: number): PatternPart[][] | null {
    const first = this.#source[this.at];
    if (first === '[') {
      this.#class();
      return null;
    }
    if (first === '\\') {
      const escaped = this.#match(ESCAPE);
      if (escaped === null || BACK_REFERENCE.test(escaped)) throw new PatternError('a reference to a group');
      return null;
    }
    if (first !== '(') {
      this.at += String.fromCodePoint(this.#source.codePointAt(this.at)!).length;
      return null;
    }
    this.#match(GROUP);
    const branches = this.branches(depth + 1);
    if (this.#source[this.at] !== ')') throw new PatternError('a group that is not closed');
    this.at++;
    return branches;
  }

  /** A class in brackets, which may hold others. */
  #class(): void {
    let depth = 0;
    do {
      const character = this.#source[this.at];
      if (character === undefined) throw new PatternError('a class that is not closed');
      if (character === '[') depth++;
      if (character === ']') depth--;
      this.at += character === '\\' ? 2 : 1;
    } while (depth > 0);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#source)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}

function rangeOf(quantifier: string | null): [number, number] {
  switch (quantifier?.[0]) {
    case undefined:
      return [1, 1];
    case '?':
      return [0, 1];
    case '*':
      return [0, Number.POSITIVE_INFINITY];
    case '+':
      return [1, Number.POSITIVE_INFINITY];
    default: {
      const [, least, comma, most] = COUNTS.exec(quantifier as string)!;
      const min = Number(least);
      return [min, comma === '' ? min : most === '' ? Number.POSITIVE_INFINITY : Number(most)];
    }
  }
}
