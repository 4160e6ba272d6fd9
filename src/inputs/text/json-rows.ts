// Rows of JSON lines: an object a line, or a text a line.

import { LINE_COLUMN, MOST_ROW_LENGTH, type TextRow } from './text-row.ts';

const TOO_LONG = `more than ${MOST_ROW_LENGTH} characters in a row`;

/** Rows of lines of JSON; empty lines are passed over. */
export async function* jsonRows(chunks: AsyncIterable<(string | null)[]>): AsyncGenerator<TextRow[]> {
  let row = 0;
  for await (const lines of chunks) {
    yield lines.flatMap((line): TextRow[] => {
      row++;
      if (line === null) return [{ row, problem: TOO_LONG }];
      return line.trim() === '' ? [] : [{ row, ...parsed(line) }];
    });
  }
}

function parsed(line: string): { fields: Record<string, unknown> } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'a line that is no JSON' };
  }
  if (typeof value === 'string') return { fields: { [LINE_COLUMN]: value } };
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { fields: value as Record<string, unknown> };
  return { problem: 'JSON that is neither an object nor a text' };
}

/** Rows of plain lines, a text each. */
export async function* lineRows(chunks: AsyncIterable<(string | null)[]>): AsyncGenerator<TextRow[]> {
  let row = 0;
  for await (const lines of chunks) {
    yield lines.map((line): TextRow => {
      row++;
      return line === null ? { row, problem: TOO_LONG } : { row, fields: { [LINE_COLUMN]: line } };
    });
  }
}

/** All characters as one text. */
export async function* wholeRows(chunks: AsyncIterable<string>): AsyncGenerator<TextRow[]> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > MOST_ROW_LENGTH) {
      yield [{ row: 1, problem: TOO_LONG }];
      return;
    }
  }
  yield [{ row: 1, fields: { [LINE_COLUMN]: text } }];
}
