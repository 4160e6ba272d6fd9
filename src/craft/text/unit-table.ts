// The units of all texts as columns of numbers: an object for each would take more memory than its words.

import { hash53 } from '../../inputs/text/hash53.ts';
import type { TextUnit } from '../../inputs/text/text-unit.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Places of units, in order of their texts; a row a unit. */
export interface UnitTable {
  readonly count: number;
  /** Of its text, in the order of the source. */
  readonly text: Int32Array;
  /** [start, end) in the text, in UTF-16 units. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Hash of the letters of the unit: the same where two say the same, marks and case apart. */
  readonly letters: Float64Array;
}

const LEAST = 1024;

/** Takes units one after the other. */
export class UnitTableBuilder {
  #count = 0;
  #places = new Int32Array(3 * LEAST);
  #letters = new Float64Array(LEAST);

  get count(): number {
    return this.#count;
  }

  /** @param content - what the unit says. */
  add({ text, start, end }: TextUnit, content: string): void {
    if (this.#count === this.#letters.length) this.#grow();
    this.#places.set([text, start, end], 3 * this.#count);
    this.#letters[this.#count++] = lettersOf(content);
  }

  finish(): UnitTable {
    const column = (k: number): Int32Array =>
      Int32Array.from({ length: this.#count }, (_, n) => this.#places[3 * n + k]);
    return {
      count: this.#count,
      text: column(0),
      start: column(1),
      end: column(2),
      letters: this.#letters.slice(0, this.#count),
    };
  }

  #grow(): void {
    const places = new Int32Array(2 * this.#places.length);
    places.set(this.#places);
    const letters = new Float64Array(2 * this.#letters.length);
    letters.set(this.#letters);
    this.#places = places;
    this.#letters = letters;
  }
}

/** Text, start and end of every unit: [n, 3]. */
export function placesOf({ count, text, start, end }: UnitTable): Tensor<Int32Array> {
  const data = new Int32Array(3 * count);
  for (let n = 0; n < count; n++) {
    data[3 * n] = text[n];
    data[3 * n + 1] = start[n];
    data[3 * n + 2] = end[n];
  }
  return { data, dims: [count, 3] };
}

/** A number for the letters of a text. */
export function lettersOf(content: string): number {
  return hash53(content.toLowerCase().replace(/[^\p{L}]+/gu, ''));
}
