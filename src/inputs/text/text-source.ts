// Texts to explain, as they come from a file or a list.

/** A text with its name and, where the file tells, its label. */
export interface TextItem {
  /** Unique among the texts of its source: `row 12` of a table, or the value of the id column. */
  readonly id: string;
  readonly text: string;
  /** As the file has it; null where it has none. */
  readonly label: string | null;
}

/** An input that is not used, and why. */
export interface SkippedText {
  readonly name: string;
  readonly reason: string;
}

/** Texts in batches; the same batches every time it is iterated. */
export interface TextSource extends AsyncIterable<readonly TextItem[]> {
  /** Of the file, without its path; `-` for the standard input. */
  readonly source: string;
  /** Of the texts used, in the order of the batches; complete after one pass. */
  readonly names: readonly string[];
  /** The first of the texts that are not used; complete after one pass. */
  readonly skipped: readonly SkippedText[];
  /** Number of all texts that are not used, those beyond the list `skipped` too. */
  readonly skippedCount: number;
  /** Rows that repeat a text before them, and so are not used. */
  readonly duplicates: number;
  /** What the reader should know of the texts, in sentences; complete after one pass. */
  readonly warnings?: readonly string[];
  /** Number of rows that may turn out to be texts; null if only a pass can tell. */
  readonly total: number | null;
}
