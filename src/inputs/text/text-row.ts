// One row of a file of texts, whatever the format.

/** What a reader found: fields by column, or why it could not read the row. */
export type TextRow =
  | { readonly row: number; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly row: number; readonly problem: string };

/** Characters of one row, at most: longer ones are never held in memory. */
export const MOST_ROW_LENGTH = 4_000_000;

/** The one column of a file of lines. */
export const LINE_COLUMN = 'text';
