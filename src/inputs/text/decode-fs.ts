// The characters of a file, chunk by chunk, in the encoding that it has or is said to have.

import { open } from 'node:fs/promises';
import { CraftError } from '../../errors.ts';

const CHUNK = 1 << 16;

/**
 * Decodes a file. A byte order mark goes before `encoding`, and is left out; without either it is UTF-16 if every
 * second byte at its beginning is 0, else UTF-8, where a byte that is none becomes U+FFFD.
 *
 * @param encoding - a name of the WHATWG list, as TextDecoder has it: `windows-1252`, `shift_jis`, …
 * @throws {@link CraftError} `OPTION` if it is no encoding, `FILE` if the file cannot be read.
 */
export async function* decoded(path: string, encoding?: string): AsyncGenerator<string> {
  const file = await opened(path);
  try {
    const buffer = new Uint8Array(CHUNK);
    let decoder: TextDecoder | null = null;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK);
      const bytes = buffer.subarray(0, bytesRead);
      decoder ??= decoderOf(markOf(bytes) ?? encoding ?? guessed(bytes));
      const text = decoder.decode(bytes, { stream: bytesRead > 0 });
      if (text !== '') yield text;
      if (bytesRead === 0) return;
    }
  } finally {
    await file.close();
  }
}

/** @throws {@link CraftError} `FILE` with the reason. */
export async function opened(path: string): ReturnType<typeof open> {
  try {
    const file = await open(path);
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new Error('a folder');
    }
    return file;
  } catch (cause) {
    throw new CraftError(
      'FILE',
      `texts: expected a file that can be read; got ${path}: ${(cause as Error).message}. Check the path`,
      { cause },
    );
  }
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw new CraftError(
      'OPTION',
      `--encoding: expected the name of an encoding, such as utf-8, utf-16le, windows-1252 or shift_jis; got ${JSON.stringify(encoding.slice(0, 40))}`,
      { cause },
    );
  }
}

function markOf([a, b, c]: Uint8Array): string | null {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0xef && b === 0xbb && c === 0xbf ? 'utf-8' : null;
}

/** UTF-16 of mostly Latin text has zeros at every second place, and nothing else has. */
function guessed(bytes: Uint8Array): string {
  const zeros = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i % 2]++;
  const many = 0.3 * bytes.length;
  if (zeros[1] > many && zeros[0] < zeros[1] / 8) return 'utf-16le';
  return zeros[0] > many && zeros[1] < zeros[0] / 8 ? 'utf-16be' : 'utf-8';
}
