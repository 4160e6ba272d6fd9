// Rows of JSON lines: an object a line, or a text a line.

import { LINE_COLUMN, MOST_ROW_LENGTH, type TextRow } from './text-row.ts';

/** Rows of lines of JSON; empty lines are passed over. */
export async function* jsonRows(lines: AsyncIterable<string | null>): AsyncGenerator<TextRow> {
  let row = 0;
  for await (const line of lines) {
    row++;
    if (line === null) yield { row, problem: `more than ${MOST_ROW_LENGTH} characters in a row` };
    else if (line.trim() !== '') yield { row, ...parsed(line) };
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
export async function* lineRows(lines: AsyncIterable<string | null>): AsyncGenerator<TextRow> {
  let row = 0;
  for await (const line of lines) {
    row++;
    if (line === null) yield { row, problem: `more than ${MOST_ROW_LENGTH} characters in a row` };
    else yield { row, fields: { [LINE_COLUMN]: line } };
  }
}

/** All characters as one text. */
export async function* wholeRows(chunks: AsyncIterable<string>): AsyncGenerator<TextRow> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > MOST_ROW_LENGTH) {
      yield { row: 1, problem: `more than ${MOST_ROW_LENGTH} characters` };
      return;
    }
  }
  yield { row: 1, fields: { [LINE_COLUMN]: text } };
}
