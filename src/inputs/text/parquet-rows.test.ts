import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type PageOptions, parquetFile } from '../../../test/models/parquet-builder.ts';
import { parquetRows } from './parquet-rows.ts';

const texts = Array.from({ length: 40 }, (_, k) => `one of ${k % 7} texts é🎬, `.repeat(1 + (k % 3)));
const labels = texts.map((_, k) => (k % 2 ? 'spam' : 'ham'));

/** Literals, and copies of at most 64 bytes where four bytes were there before. Format: google/snappy. */
function snappy(data: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = data.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const out = [...length];
  const seen = new Map<string, number>();
  let literal = 0;
  const flush = (end: number): void => {
    for (; literal < end; literal += Math.min(60, end - literal)) {
      const part = data.subarray(literal, Math.min(literal + 60, end));
      out.push((part.length - 1) << 2, ...part);
    }
  };
  for (let at = 0; at < data.length; ) {
    const key = String(data.subarray(at, at + 4));
    const before = seen.get(key);
    seen.set(key, at);
    let same = 0;
    while (
      before !== undefined &&
      same < 64 &&
      at + same < data.length &&
      data[before + same] === data[at + same]
    )
      same++;
    if (same < 4) at++;
    else {
      flush(at);
      const distance = at - before!;
      out.push(((same - 1) << 2) | 2, distance & 255, distance >> 8);
      at += same;
      literal = at;
    }
  }
  flush(data.length);
  return Uint8Array.from(out);
}

/** One raw block in a frame that says its length. Format: RFC 8878. */
function zstd(data: Uint8Array, length = data.length): Uint8Array {
  const block = (data.length << 3) | 1;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...new Uint8Array(Uint32Array.of(length).buffer)];
  return Uint8Array.from([...head, block & 255, (block >> 8) & 255, block >> 16, ...data]);
}

const FRAME = 'KLUv/QBolQEA8sIJD8DrwFljCyei/094+9dwU+DLb/L9GCMZKtTNyKm3e7/8EnNKjeQIAgCTIC8bnE4=';

/** Literals alone. Format: lz4/lz4, lz4_Block_format.md. */
function lz4(data: Uint8Array): Uint8Array {
  if (data.length < 15) return Uint8Array.from([data.length << 4, ...data]);
  const more = [
    ...new Array<number>(Math.floor((data.length - 15) / 255)).fill(255),
    (data.length - 15) % 255,
  ];
  return Uint8Array.from([0xf0, ...more, ...data]);
}

const CODECS: Readonly<Record<string, NonNullable<PageOptions['codec']>>> = {
  snappy: { id: 1, pack: snappy },
  gzip: { id: 2, pack: (data) => gzipSync(data) },
  brotli: { id: 4, pack: (data) => brotliCompressSync(data) },
  zstd: { id: 6, pack: (data) => zstd(data) },
  'lz4 raw': { id: 7, pack: lz4 },
};

async function read(bytes: Uint8Array): Promise<unknown[]> {
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end = bytes.length) => bytes.slice(start, end).buffer as ArrayBuffer,
  };
  const rows: unknown[] = [];
  for await (const batch of parquetRows(file, 'a.parquet', {})) {
    for (const row of batch) rows.push('fields' in row ? row.fields : row);
  }
  return rows;
}

const expected = texts.map((text, k) => ({ text, label: labels[k] }));

describe('parquetRows', () => {
  it.each([
    ['plain pages', {}],
    ['pages with a dictionary', { dictionary: true }],
    ...Object.entries(CODECS).flatMap(([name, codec]): [string, PageOptions][] => [
      [name, { codec }],
      [`${name}, with a dictionary`, { codec, dictionary: true }],
    ]),
  ] as [string, PageOptions][])('reads %s', async (_, options) => {
    expect(await read(parquetFile({ text: texts, label: labels }, 15, options))).toEqual(expected);
  });

  it('reads a frame with entropy coding, as the reference writes it', async () => {
    // zstd -19 of the plain page of these three texts
    const text = ['a long text that repeats, a long text that repeats', 'another text', 'a long text'];
    const frame = Buffer.from(FRAME, 'base64');
    const codec = { id: 6, pack: () => Uint8Array.from(frame) };
    expect(await read(parquetFile({ text }, 3, { codec }))).toEqual(text.map((t) => ({ text: t })));
  });

  it.each([
    ...Object.entries(CODECS).map(([name, codec]): [string, PageOptions] => [
      `${name} that makes more than it says`,
      { codec, claimed: 10 },
    ]),
    ...Object.entries(CODECS).map(([name, codec]): [string, PageOptions] => [
      `${name} that says two gigabytes`,
      { codec, claimed: 2 ** 31 - 1 },
    ]),
    ['a page of no codec that says more than it has', { claimed: 2 ** 31 - 1 }],
    ['a frame of zstd that says a gigabyte', { codec: { id: 6, pack: (data) => zstd(data, 2 ** 30) } }],
    ['gzip that is none', { codec: { id: 2, pack: (data) => data } }],
    ['a codec that there is not', { codec: { id: 9, pack: (data) => data } }],
  ] as [string, PageOptions][])('refuses %s', async (_, options) => {
    const bytes = parquetFile({ text: texts.slice(0, 8) }, 8, options);
    await expect(read(bytes)).rejects.toMatchObject({ name: 'CraftError', code: 'FILE_FORMAT' });
  });

  it('survives bytes of packed pages that are changed: rows or a CraftError, nothing else', async () => {
    for (const codec of Object.values(CODECS)) {
      const good = parquetFile({ text: ['one', 'two', 'one'] }, 3, { codec, dictionary: true });
      for (let at = 0; at < good.length; at++) {
        const bytes = good.slice();
        bytes[at] ^= 0x55;
        const outcome = await read(bytes).catch((error: unknown) => error);
        if (outcome instanceof Error)
          expect(outcome.name, `byte ${at}: ${outcome.message}`).toBe('CraftError');
      }
    }
  });
});
