// Rows of JSON: an object or a text a line, or one array of them.

import { CraftError } from '../../errors.ts';
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

/** Characters of a file that is one array, at most: it is held in memory. */
const MOST_ARRAY_LENGTH = 64_000_000;

/**
 * Rows of a file that is one JSON array of objects or texts.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if it is longer than what is held in memory, or no array.
 */
export async function* arrayRows(chunks: AsyncIterable<string>): AsyncGenerator<TextRow[]> {
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length > MOST_ARRAY_LENGTH)
      throw notArray(`one of more than ${MOST_ARRAY_LENGTH} characters – write an object a line (.jsonl)`);
  }
  let items: unknown;
  try {
    items = JSON.parse(parts.join(''));
  } catch (cause) {
    throw notArray(String((cause as Error).message).slice(0, 200), cause);
  }
  if (!Array.isArray(items)) throw notArray('something else');
  yield items.map((item, k): TextRow => ({ row: k + 1, ...valueRow(item) }));
}

function notArray(got: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `texts: expected a JSON array of objects or texts; got ${got}`, {
    cause,
  });
}

function parsed(line: string): { fields: Record<string, unknown> } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'a line that is no JSON' };
  }
  return valueRow(value);
}

function valueRow(value: unknown): { fields: Record<string, unknown> } | { problem: string } {
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
