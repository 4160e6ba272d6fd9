// The characters of a file, chunk by chunk, in the encoding that it has or is said to have.

import { CraftError } from '../../errors.ts';

/** Bytes that are read at once. The encoding is guessed from the first of them, so that it is the same everywhere. */
export const CHUNK = 1 << 16;

/**
 * Decodes the bytes of a file. A byte order mark goes before `encoding`, and is left out; without either it is UTF-16
 * if every second byte at its beginning is 0, else UTF-8, where a byte that is none becomes U+FFFD.
 *
 * @param chunks - of {@link CHUNK} bytes, the last one of fewer.
 * @param encoding - a name of the WHATWG list, as TextDecoder has it: `windows-1252`, `shift_jis`, …
 * @throws {@link CraftError} `OPTION` if it is no encoding.
 */
export async function* decoded(chunks: AsyncIterable<Uint8Array>, encoding?: string): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const bytes of chunks) {
    decoder ??= decoderOf(markOf(bytes) ?? encoding ?? guessed(bytes));
    const text = decoder.decode(bytes, { stream: true });
    if (text !== '') yield text;
  }
  const rest = (decoder ?? decoderOf(encoding ?? 'utf-8')).decode();
  if (rest !== '') yield rest;
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
