import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageKind } from './image-kind.ts';

const bytes = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe('imageKind', () => {
  it.each([
    ['jpeg', '\xff\xd8\xff\xe0'],
    ['png', '\x89PNG\r\n\x1a\n'],
    ['gif', 'GIF89a'],
    ['webp', 'RIFF\x10\0\0\0WEBPVP8 '],
    ['tiff', 'II*\0'],
    ['tiff', 'MM\0+'],
    ['avif', '\0\0\0\x1cftypavif\0\0\0\0'],
    ['avif', '\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'],
  ])('knows %s by its first bytes', (kind, head) => {
    expect(imageKind(bytes(head))).toEqual({ kind });
  });

  it.each([
    ['empty', ''],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg">'],
    ['SVG', '<?xml version="1.0"?><svg/>'],
    ['HTML', '<!DOCTYPE html>'],
    ['PDF', '%PDF-1.7'],
    ['BMP', 'BM\x36\0\0\0'],
    ['JPEG XL', '\xff\x0a'],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\n'],
    ['zeros', '\0'.repeat(100)],
    ['text file', 'id,label\n1,cat\n'],
    ['no known kind', '\x7fELF\x02\x01\x01\0'],
  ])('says why %s is none', (word, head) => {
    expect(imageKind(bytes(head))).toEqual({ reason: expect.stringContaining(word) });
  });

  it('knows a text that is cut within a letter', () => {
    const text = new TextEncoder().encode('ä'.repeat(40));
    expect(imageKind(text.subarray(0, 63))).toEqual({ reason: expect.stringContaining('text file') });
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (head) => {
        expect(Object.keys(imageKind(head))).toHaveLength(1);
      }),
    );
  });
});
