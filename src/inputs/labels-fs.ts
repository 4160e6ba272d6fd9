import { readFile, stat } from 'node:fs/promises';
import { CraftError } from '../errors.ts';
import { parseLabels } from './labels.ts';

const MOST_BYTES = 64 * 2 ** 20;

/**
 * Reads the names of classes from a file: see {@link parseLabels} for its forms.
 *
 * @returns the name of each class by its id.
 * @throws {@link CraftError} `FILE` if it cannot be read or is above 64 MB, `FILE_FORMAT` if it is no
 *   list of names.
 */
export async function readLabels(path: string): Promise<string[]> {
  let bytes: Buffer;
  try {
    const info = await stat(path);
    if (!info.isFile()) throw unreadable(path, 'something that is not a file');
    if (info.size > MOST_BYTES) throw unreadable(path, `${info.size} bytes`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  try {
    return parseLabels(bytes.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof CraftError)) throw cause;
    throw new CraftError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

function unreadable(path: string, got: string, cause?: unknown): CraftError {
  return new CraftError(
    'FILE',
    `labels: expected a readable text file of at most ${MOST_BYTES} bytes at ${path}; got ${got}`,
    { cause },
  );
}
