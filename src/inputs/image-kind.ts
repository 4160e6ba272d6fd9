// What a file is by its first bytes. Its name does not count: a PNG named .jpg is a PNG, and an SVG
// named .png must not reach a renderer that follows links.

export type ImageKind = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

const HEAD_BYTES = 64;

/** First bytes of the kinds that are read, in hexadecimal. */
const SIGNATURES: readonly [ImageKind, RegExp][] = [
  ['jpeg', /^ffd8ff/],
  ['png', /^89504e470d0a1a0a/],
  ['gif', /^47494638(37|39)61/],
  ['webp', /^52494646.{8}57454250/],
  ['tiff', /^(4949(2a|2b)00|4d4d00(2a|2b))/],
  // ftyp avif or avis, or ftyp mif1 or msf1 with avif among the compatible brands
  ['avif', /^.{8}66747970(6176696[63]|6d(69|73)6631.{8}(.{8})*?61766966)/],
];

const REFUSED: readonly [RegExp, string][] = [
  [/^$/, 'the file is empty (0 bytes)'],
  [/^.{8}66747970(6865[69]|6d(69|73)6631)/, 'a HEIC image, which cannot be decoded here: convert it to JPEG'],
  [/^(ff0a|0000000c4a584c20)/, 'a JPEG XL image, which is not supported: convert it to PNG'],
  [/^424d/, 'a BMP image, which is not supported: convert it to PNG'],
  [/^25504446/, 'not an image: a PDF document'],
  [/^(00)+$/, 'not an image: it begins with zeros'],
];

const REFUSED_TEXTS: readonly [RegExp, string][] = [
  [/^\s*<svg/i, 'an SVG drawing, which has no pixels: export it as PNG'],
  [/^\s*<(\?xml|!doctype|html)/i, 'not an image: an XML, SVG or HTML file'],
  [/^version https:\/\/git-lfs/, 'not an image but a Git LFS pointer: fetch the files with git lfs pull'],
  [/^[^\p{Cc}\ufffd]*$/u, 'not an image: a text file'],
];

/**
 * The kind of image of a file, or in plain words why it is none that can be read.
 *
 * @param bytes - of the file; the first 64 decide.
 */
export function imageKind(bytes: Uint8Array): { kind: ImageKind } | { reason: string } {
  const head = bytes.subarray(0, HEAD_BYTES);
  const hex = Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const found = SIGNATURES.find(([, signature]) => signature.test(hex));
  if (found) return { kind: found[0] };

  // a character may be cut at the end of the head: what is left of it does not count
  const text = new TextDecoder()
    .decode(head)
    .replace(/\ufffd$/, '')
    .replace(/[\t\r\n]/g, ' ');
  const refused =
    REFUSED.find(([signature]) => signature.test(hex)) ??
    REFUSED_TEXTS.find(([pattern]) => pattern.test(text));
  return { reason: refused?.[1] ?? 'not an image: its content is of no known kind' };
}
