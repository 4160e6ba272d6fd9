// Lines of a stream of characters, none of them longer than what may be held in memory.

import { MOST_ROW_LENGTH } from './text-row.ts';

/**
 * Lines without their ends (\n or \r\n), those of a chunk together; null for one that is too long, whose rest is
 * passed over.
 */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<(string | null)[]> {
  let line = '';
  let isTooLong = false;
  for await (const chunk of chunks) {
    const lines: (string | null)[] = [];
    for (const [k, part] of chunk.split('\n').entries()) {
      if (k > 0) {
        lines.push(isTooLong ? null : line.replace(/\r$/, ''));
        line = '';
        isTooLong = false;
      }
      isTooLong ||= line.length + part.length > MOST_ROW_LENGTH;
      line = isTooLong ? '' : line + part;
    }
    yield lines;
  }
  if (isTooLong) yield [null];
  else if (line !== '') yield [line.replace(/\r$/, '')];
}
