// What sets units apart beside their words: encoders tell capitals, numbers and questions apart.

/** A look that a unit may have. */
interface Shape {
  /** As it stands in a label; in brackets, as no word is. */
  readonly term: string;
  has(counts: Counts, text: string): boolean;
}

interface Counts {
  readonly letters: number;
  readonly capitals: number;
  readonly digits: number;
}

/** A word or two in capitals is a name or an abbreviation. */
const LEAST_CAPITALS = 8;

const SHAPES: readonly Shape[] = [
  {
    term: '(in capitals)',
    has: ({ letters, capitals }) => capitals >= LEAST_CAPITALS && capitals > 0.8 * letters,
  },
  { term: '(numbers)', has: ({ digits }) => digits > 0 },
  {
    term: '(mostly numbers)',
    has: ({ digits, letters }) => digits > 0.3 * (digits + letters),
  },
  { term: '(money)', has: (_, text) => /\p{Sc}\s?\p{Nd}|\p{Nd}\s?\p{Sc}/u.test(text) },
  { term: '(question)', has: (_, text) => /[?？؟]/u.test(text) },
  { term: '(exclamation)', has: (_, text) => /[!！]/u.test(text) },
];
const NAMES = new Set(SHAPES.map(({ term }) => term));

/** The shapes of a unit, as terms of a label. */
export function shapesOf(text: string): string[] {
  const count = (others: RegExp): number => text.replace(others, '').length;
  const counts = { letters: count(/\P{L}+/gu), capitals: count(/\P{Lu}+/gu), digits: count(/\P{Nd}+/gu) };
  return SHAPES.filter((shape) => shape.has(counts, text)).map(({ term }) => term);
}

/** Whether a term is a shape and not a word or phrase. */
export function isShape(term: string): boolean {
  return NAMES.has(term);
}
