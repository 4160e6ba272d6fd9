// The part of a text that one row of A stands for.

/** A unit: the whole text, a sentence, a clause or a window of words. */
export interface TextUnit {
  /** Of its text, in the order of the source. */
  readonly text: number;
  /** [start, end) in the text, in UTF-16 units; no white space at either end. */
  readonly start: number;
  readonly end: number;
}

/** How texts are parted into units. */
export type UnitKind = 'text' | 'sentence' | 'clause' | 'window';
