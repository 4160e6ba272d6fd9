// From rows to texts: what can be used, what not and why, and what was there before.

import { HashSet } from './hash-set.ts';
import { hash53 } from './hash53.ts';
import { type ColumnOptions, findColumns, type TextColumns } from './text-columns.ts';
import type { TextRow } from './text-row.ts';
import type { SkippedText, TextItem } from './text-source.ts';

/** Characters of one text, at most. */
const MOST_CHARACTERS = 1_000_000;
/** Skipped texts that are listed; the others are counted. */
const MOST_LISTED = 1000;

/** Sorts the rows of one pass. */
export class TextSieve {
  readonly names: string[] = [];
  readonly skipped: SkippedText[] = [];
  skippedCount = 0;
  duplicates = 0;
  /** Texts with characters that are not of the encoding of the file. */
  undecoded = 0;
  readonly #options: ColumnOptions;
  readonly #isKeepingDuplicates: boolean;
  readonly #seen = new HashSet();
  #columns: TextColumns | null = null;

  constructor(options: ColumnOptions, isKeepingDuplicates: boolean) {
    this.#options = options;
    this.#isKeepingDuplicates = isKeepingDuplicates;
  }

  /** The text of a row, or null if it is not used. @throws CraftError `OPTION` at the first row, of its columns. */
  item(found: TextRow): TextItem | null {
    const name = `row ${found.row}`;
    if ('problem' in found) return this.#skip(name, found.problem);
    this.#columns ??= findColumns(Object.keys(found.fields), this.#options);
    const { text: column, label, id } = this.#columns;
    const id_ = id === null ? null : asLabel(found.fields[id]);
    const value = found.fields[column];
    const reason = whyNot(value);
    if (reason !== null) return this.#skip(name, reason);
    const text = cleaned(value as string);
    if (text.includes('\ufffd')) this.undecoded++;
    if (!this.#isKeepingDuplicates && !this.#seen.add(hash53(text))) {
      this.duplicates++;
      return null;
    }
    this.names.push(id_ ?? name);
    return { id: id_ ?? name, text, label: label === null ? null : asLabel(found.fields[label]) };
  }

  #skip(name: string, reason: string): null {
    this.skippedCount++;
    if (this.skipped.length < MOST_LISTED) this.skipped.push({ name, reason });
    return null;
  }
}

function whyNot(value: unknown): string | null {
  if (value === undefined || value === null) return 'no text in the row';
  if (typeof value !== 'string')
    return `a ${Array.isArray(value) ? 'list' : typeof value} where the text should be`;
  if (!/[^\s\0]/u.test(value)) return 'an empty text';
  if (value.length > MOST_CHARACTERS) return `${value.length} characters, more than ${MOST_CHARACTERS}`;
  return null;
}

/** NUL, which no tokenizer reads, as a space; half a surrogate pair, which is no text, as U+FFFD. Lengths stay. */
function cleaned(text: string): string {
  return text.replaceAll('\0', ' ').replace(/[\ud800-\udfff]/gu, '\ufffd');
}

function asLabel(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : null;
}
