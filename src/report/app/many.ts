/** From so many on, the browser lays out the items of a list when they come into sight (cards.css). */
const MANY = 24;

/** Class of a list with these items. */
export function manyOf(items: ArrayLike<unknown>): string {
  return items.length > MANY ? 'many' : '';
}
