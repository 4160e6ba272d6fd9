// The encodings of mail: base64, quoted-printable, and words of a header in either.

const MAX_BASE64 = 4 * 2 ** 20;

/** Bytes as text: UTF-8 where they are, else Windows-1252, of which Latin-1 is a part. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Text of base64; what is no base64 is left out, as mail programs do. */
export function decodeBase64(text: string): string {
  return textOf(Buffer.from(text.slice(0, MAX_BASE64), 'base64'));
}

/** Text of quoted-printable: `=` and two hexadecimal digits are a byte, `=` at the end of a line joins lines. */
export function decodeQuotedPrintable(text: string): string {
  return text.replace(/=[ \t]*\n/g, '').replace(/(?:=[0-9A-F]{2})+/gi, (run) => {
    const bytes = run.split('=').slice(1);
    return textOf(Uint8Array.from(bytes, (pair) => Number.parseInt(pair, 16)));
  });
}

/** A header with its `=?charset?B|Q?…?=` words decoded. */
export function decodeWords(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?[\w-]+\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b' ? decodeBase64(word) : decodeQuotedPrintable(word.replace(/_/g, ' ')),
    );
}
