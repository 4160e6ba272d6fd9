// The encodings of mail: base64, quoted-printable, and words of a header in either.

const MAX_BASE64 = 4 * 2 ** 20;

/** Bytes as text: UTF-8 where they are, else Windows-1252, of which Latin-1 is a part. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return withMarks(new TextDecoder('windows-1252').decode(bytes));
  }
}

/** What Windows-1252 has at 0x80 … 0x9f; some versions of Node decode these as control characters. */
const MARKS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A text whose control characters of Latin-1 are the marks that Windows-1252 has in their place. */
export function withMarks(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (character) => MARKS[character.charCodeAt(0) - 0x80]);
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

/** Whether text is quoted-printable that was not declared: soft line ends or encoded bytes, several of them. */
export function isQuotedPrintable(text: string): boolean {
  return (text.match(/=\n|=(?:20|2E|3D|0A|0D|E2|C3|A0|9\d)/g) ?? []).length >= 3;
}

/** A header with its `=?charset?B|Q?…?=` words decoded. */
export function decodeWords(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?[\w-]+\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b' ? decodeBase64(word) : decodeQuotedPrintable(word.replace(/_/g, ' ')),
    );
}
