// What sets units apart beside their words: encoders tell capitals, numbers and questions apart.

/** A look that a unit may have. */
interface Shape {
  /** As it stands in a label; in brackets, as no word is. */
  readonly term: string;
  /** Shapes of one kind say much the same. */
  readonly kind: string;
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
    kind: 'case',
    has: ({ letters, capitals }) => capitals >= LEAST_CAPITALS && capitals > 0.8 * letters,
  },
  { term: '(numbers)', kind: 'number', has: ({ digits }) => digits > 0 },
  {
    term: '(mostly numbers)',
    kind: 'number',
    has: ({ digits, letters }) => digits > 0.3 * (digits + letters),
  },
  { term: '(money)', kind: 'number', has: (_, text) => /\p{Sc}\s?\p{Nd}|\p{Nd}\s?\p{Sc}/u.test(text) },
  { term: '(question)', kind: 'mark', has: (_, text) => /[?？؟]/u.test(text) },
  { term: '(exclamation)', kind: 'mark', has: (_, text) => /[!！]/u.test(text) },
];
const KINDS = new Map(SHAPES.map(({ term, kind }) => [term, kind]));

/** The shapes of a unit, as terms of a label. */
export function shapesOf(text: string): string[] {
  const count = (kind: RegExp): number => text.match(kind)?.length ?? 0;
  const counts = { letters: count(/\p{L}/gu), capitals: count(/\p{Lu}/gu), digits: count(/\p{Nd}/gu) };
  return SHAPES.filter((shape) => shape.has(counts, text)).map(({ term }) => term);
}

/** The kind of a shape; null of a word or phrase. */
export function shapeKind(term: string): string | null {
  return KINDS.get(term) ?? null;
}
