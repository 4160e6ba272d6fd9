// Which column of a file has the texts, which their labels, which their names.

import { CraftError } from '../../errors.ts';

/** Columns by name; the caller's own go before. */
export interface TextColumns {
  readonly text: string;
  readonly label: string | null;
  readonly id: string | null;
}

/** What a caller says of the columns. */
export interface ColumnOptions {
  /** Default: `text` or another usual name, or the only column. */
  readonly textColumn?: string;
  /** Default: `label` or another usual name, if there is one. */
  readonly labelColumn?: string;
  /** Default: none; texts are called by their row. */
  readonly idColumn?: string;
}

const TEXT = /^(text|sentence|review|review_?text|content|comment|message|body|document|tweet|mail|email)$/i;
const LABEL = /^(label|labels|class|category|sentiment|target|stars|rating|polarity)$/i;
const LISTED = 12;

/** @throws {@link CraftError} `OPTION` with the columns that there are. */
export function findColumns(columns: readonly string[], options: ColumnOptions): TextColumns {
  const named = (flag: string, name: string | undefined): string | null => {
    if (name === undefined) return null;
    const found =
      columns.find((c) => c === name) ?? columns.find((c) => c.trim().toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    throw new CraftError(
      'OPTION',
      `--${flag}: expected a column of the file; got ${JSON.stringify(name.slice(0, 80))}; columns: ${listed(columns)}`,
    );
  };
  const text =
    named('text-column', options.textColumn) ??
    columns.find((c) => TEXT.test(c.trim())) ??
    (columns.length === 1 ? columns[0] : undefined);
  if (text === undefined) {
    throw new CraftError(
      'OPTION',
      `texts: expected a column called text; got columns ${listed(columns)} – name it with --text-column`,
    );
  }
  const label = named('label-column', options.labelColumn) ?? columns.find((c) => LABEL.test(c.trim()));
  return { text, label: label ?? null, id: named('id-column', options.idColumn) };
}

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, LISTED).map((c) => JSON.stringify(c.slice(0, 40)));
  return shown.join(', ') + (columns.length > LISTED ? ` and ${columns.length - LISTED} more` : '');
}
