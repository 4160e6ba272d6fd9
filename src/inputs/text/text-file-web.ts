// Texts of a file that a user gave a page.

import { CraftError } from '../../errors.ts';
import { CHUNK } from './decode.ts';
import {
  checkTextOptions,
  formatOf,
  type TextContent,
  type TextFile,
  type TextFileOptions,
  textFileOf,
} from './text-file.ts';

/** Options of {@link openTextFile} in a page. */
export interface TextBlobOptions extends TextFileOptions {
  /** Its extension tells the format; default: that of a File, else `texts.txt`. */
  readonly name?: string;
}

/**
 * Opens a file of texts: .csv, .tsv, .jsonl (an object or a text a line), .json (lines, or one array), .parquet, .txt.
 * The same rows as in Node, under the same rules.
 *
 * A pass throws {@link CraftError} `NO_INPUTS` at its end if no row could be used, `FILE` if the file has vanished,
 * `FILE_FORMAT` where it is damaged, `OPTION` for a column that there is not, `ABORTED` if the signal fired.
 *
 * @throws {@link CraftError} `OPTION` if the format is not known.
 */
export async function openTextFile(blob: Blob, options: TextBlobOptions = {}): Promise<TextFile> {
  checkTextOptions(options);
  const path = options.name ?? (blob instanceof File ? blob.name : 'texts.txt');
  const content = contentOf(blob, path.slice(path.lastIndexOf('/') + 1));
  return textFileOf(content, options.format ?? formatOf(content.name), options);
}

function contentOf(blob: Blob, name: string): TextContent {
  return {
    name,
    async *bytes() {
      for (let at = 0; at < blob.size; at += CHUNK)
        yield new Uint8Array(await rangeOf(blob, name, at, at + CHUNK));
    },
    async ranges() {
      const slice = (start: number, end?: number): Promise<ArrayBuffer> => {
        const bytes = rangeOf(blob, name, start, end);
        bytes.catch(() => undefined); // the library reads ahead, and leaves what it does not need any more
        return bytes;
      };
      return { file: { byteLength: blob.size, slice }, close: async () => undefined };
    },
    parseCsv: async () => (await import('csv-parse/browser/esm')).parse,
    remove: async () => undefined,
  };
}

async function rangeOf(blob: Blob, name: string, start: number, end?: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(start, end).arrayBuffer();
  } catch (cause) {
    throw new CraftError(
      'FILE',
      `texts: expected a file that can be read; got ${name}: ${(cause as Error).message}. Choose it again`,
      { cause },
    );
  }
}
