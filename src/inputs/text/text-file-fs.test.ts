import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parquetFile } from '../../../test/models/parquet-builder.ts';
import type { TextFile } from './text-file.ts';
import { openTextFile, type TextPathOptions } from './text-file-fs.ts';
import type { TextItem } from './text-source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'craft-texts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

async function pass(file: TextFile): Promise<TextItem[]> {
  const items: TextItem[] = [];
  for await (const batch of file) items.push(...batch);
  return items;
}

async function read(
  name: string,
  content: string | Uint8Array,
  options: TextPathOptions = {},
): Promise<{ items: TextItem[]; texts: string[]; file: TextFile }> {
  const file = await openTextFile(await write(name, content), options);
  const items = await pass(file);
  return { items, texts: items.map(({ text }) => text), file };
}

const utf16 = (text: string, isBig: boolean): Uint8Array => {
  const bytes = new Uint8Array(Buffer.from(text, 'utf16le'));
  return isBig ? bytes.map((_, i) => bytes[i ^ 1]) : bytes;
};
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('openTextFile', () => {
  it('reads texts, labels and names of a table', async () => {
    const csv = 'id,Review,stars\na1,"Good, really ""good""",5\na2,"two\nlines",1\n';
    const { items, file } = await read('a.csv', csv, { idColumn: 'id', textColumn: 'review' });
    expect(items).toEqual([
      { id: 'a1', text: 'Good, really "good"', label: '5' },
      { id: 'a2', text: 'two\nlines', label: '1' },
    ]);
    expect(file.names).toEqual(['a1', 'a2']);
    expect(file.source).toBe('a.csv');
  });

  it.each([
    ['tsv', 'text\tlabel\nit is "5"\tgood\n'],
    ['jsonl', '{"text":"it is \\"5\\"","label":"good"}\n'],
  ])('reads %s', async (format, content) => {
    const { items } = await read(`b.${format}`, content);
    expect(items.map(({ text, label }) => [text, label])).toEqual([['it is "5"', 'good']]);
  });

  it('reads a text a line, or a whole file', async () => {
    expect((await read('c.txt', 'one\r\ntwo\nthree')).texts).toEqual(['one', 'two', 'three']);
    expect((await read('c.txt', 'one\r\ntwo\n', { whole: true })).texts).toEqual(['one\r\ntwo\n']);
  });

  it('reads the columns of a Parquet file that it needs', async () => {
    const columns = {
      text: Array.from({ length: 40 }, (_, k) => `text ${k} é🎬`),
      label: Array.from({ length: 40 }, (_, k) => (k % 2 ? 'spam' : 'ham')),
    };
    const { items, file } = await read('d.parquet', parquetFile(columns, 15));
    expect(file.total).toBe(40);
    expect(items.map(({ text }) => text)).toEqual(columns.text);
    expect(items[17]).toEqual({ id: 'row 18', text: 'text 17 é🎬', label: 'spam' });
  });

  it('reads the standard input, as often as is asked', async () => {
    for (const [content, texts] of [
      ['one\ntwo\n', ['one', 'two']],
      ['{"text":"one"}\n', ['one']],
      [parquetFile({ text: ['one'] }, 1), ['one']],
    ] as const) {
      const file = await openTextFile('-', { stdin: Readable.from([Buffer.from(content)]) });
      expect(file.source).toBe('-');
      for (let n = 0; n < 2; n++) expect((await pass(file)).map(({ text }) => text)).toEqual(texts);
      await file.close();
      await expect(pass(file)).rejects.toMatchObject({ code: 'FILE' });
    }
  });

  it('leaves no copy of a standard input that is stopped', async () => {
    const own = await mkdtemp(join(folder, 'tmp-'));
    vi.stubEnv('TMPDIR', own);
    const stop = new AbortController();
    const stdin = new Readable({ read: () => {} }); // one that never ends
    stdin.push('one\n');
    const opening = openTextFile('-', { stdin, signal: stop.signal });
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await readdir(own)).toEqual([]);
    vi.unstubAllEnvs();
  });

  // [what, name, content, options, texts used, reasons of the skipped]
  const odd: [string, string, string | Uint8Array, TextPathOptions, string[], string[]][] = [
    ['a UTF-8 byte order mark', 'a.csv', '\ufefftext\none', {}, ['one'], []],
    [
      'UTF-16 LE with a mark',
      'a.txt',
      joined(Uint8Array.of(0xff, 0xfe), utf16('é one', false)),
      {},
      ['é one'],
      [],
    ],
    [
      'UTF-16 BE with a mark',
      'a.csv',
      joined(Uint8Array.of(0xfe, 0xff), utf16('text\né', true)),
      {},
      ['é'],
      [],
    ],
    ['UTF-16 LE without a mark', 'a.txt', utf16('one\ntwo', false), {}, ['one', 'two'], []],
    ['UTF-16 BE without a mark', 'a.txt', utf16('one\ntwo', true), {}, ['one', 'two'], []],
    [
      'windows-1252, said',
      'a.txt',
      Uint8Array.of(0x63, 0x61, 0x66, 0xe9),
      { encoding: 'windows-1252' },
      ['café'],
      [],
    ],
    ['windows-1252, not said', 'a.txt', Uint8Array.of(0x63, 0x61, 0x66, 0xe9), {}, ['caf\ufffd'], []],
    [
      'Shift JIS, said',
      'a.txt',
      Uint8Array.of(0x89, 0x66, 0x89, 0xe6),
      { encoding: 'shift_jis' },
      ['映画'],
      [],
    ],
    ['emoji and right-to-left', 'a.txt', '👩‍👧 🎬\nשלום مرحبا', {}, ['👩‍👧 🎬', 'שלום مرحبا'], []],
    ['NUL bytes', 'a.txt', 'a\0b\n\0\0', {}, ['a b'], ['row 2: an empty text']],
    ['half a surrogate pair', 'a.jsonl', '{"text":"a\\ud83d"}', {}, ['a\ufffd'], []],
    [
      'empty rows',
      'a.txt',
      '\n \t\none\n\u3000\n',
      {},
      ['one'],
      ['row 1: an empty text', 'row 2: an empty text', 'row 4: an empty text'],
    ],
    ['empty rows of a table', 'a.csv', 'text,label\n\none,a\n,b\n', {}, ['one'], ['row 3: an empty text']],
    ['rows that repeat', 'a.txt', 'one\ntwo\none\none', {}, ['one', 'two'], []],
    ['rows that repeat, all wanted', 'a.txt', 'one\none', { keepDuplicates: true }, ['one', 'one'], []],
    ['one character', 'a.txt', 'x', {}, ['x'], []],
    ['100,000 characters', 'a.txt', 'ab '.repeat(33_333), {}, ['ab '.repeat(33_333)], []],
    [
      '1,000,001 characters',
      'a.txt',
      `${'x'.repeat(1_000_001)}\none`,
      {},
      ['one'],
      ['row 1: 1000001 characters, more than 1000000'],
    ],
    [
      'a line of 5,000,000 characters',
      'a.jsonl',
      `${'x'.repeat(5_000_000)}\n{"text":"one"}`,
      {},
      ['one'],
      ['row 1: more than 4000000 characters in a row'],
    ],
    ['a row with too few fields', 'a.csv', 'id,text\n1\n2,one\n', {}, ['one'], ['row 2: no text in the row']],
    ['a row with too many fields', 'a.csv', 'id,text\n1,one,more\n', {}, ['one'], []],
    ['a quote inside a field', 'a.csv', 'text\nthe 5" disk\n', {}, ['the 5" disk'], []],
    ['columns that repeat', 'a.csv', 'text,text\none,two\n', {}, ['one'], []],
    [
      'a number for a text',
      'a.jsonl',
      '{"text":5}\n{"text":"one"}\n{"text":["x"]}',
      {},
      ['one'],
      ['row 1: a number where the text should be', 'row 3: a list where the text should be'],
    ],
    [
      'lines that are no JSON',
      'a.jsonl',
      '{"text":"one"}\n{"text"\n[1]\n"two"',
      {},
      ['one', 'two'],
      ['row 2: a line that is no JSON', 'row 3: JSON that is neither an object nor a text'],
    ],
    [
      'one JSON array',
      'a.json',
      '\n [{"text": "one"},\n "two", 3]',
      {},
      ['one', 'two'],
      ['row 3: JSON that is neither an object nor a text'],
    ],
    ['JSON lines in a .json file', 'a.json', '{"text":"one"}\n"two"', {}, ['one', 'two'], []],
    ['a key of every object', 'a.jsonl', '{"text":"one","__proto__":{"label":"x"}}', {}, ['one'], []],
    [
      'a text that is missing in Parquet',
      'a.parquet',
      parquetFile({ text: ['one', ''] }, 2),
      {},
      ['one'],
      ['row 2: an empty text'],
    ],
  ];

  it.each(odd)('%s', async (_, name, content, options, texts, reasons) => {
    const { texts: used, file } = await read(name, content, options);
    expect(used).toEqual(texts);
    expect(file.skipped.map((s) => `${s.name}: ${s.reason}`)).toEqual(reasons);
    expect(file.skippedCount).toBe(reasons.length);
    expect((await pass(file)).map(({ text }) => text)).toEqual(texts);
  });

  it('counts rows that repeat, and says what may be wrong with the encoding', async () => {
    const { file } = await read('e.txt', joined(bytesOf('one\none\ncaf'), Uint8Array.of(0xe9)));
    expect(file.duplicates).toBe(1);
    expect(file.warnings).toHaveLength(2);
    expect(file.warnings[0]).toMatch(/1 texts.*--encoding/);
  });

  it('knows what it skipped after a later pass that ends early', async () => {
    const { file } = await read('early.csv', 'text\nab\nab\ncd\n,\nef\n', { batchSize: 1 });
    const facts = ({ names, skippedCount, duplicates }: TextFile) => ({ names, skippedCount, duplicates });
    expect(facts(file)).toMatchObject({ skippedCount: 1, duplicates: 1 });
    const before = facts(file);
    for await (const [{ text }] of file) if (text === 'ab') break;
    expect(facts(file)).toEqual(before);
  });

  it('stops at the limit, and gives batches of the size asked for', async () => {
    const path = await write('f.txt', Array.from({ length: 10 }, (_, k) => `t${k}`).join('\n'));
    const sizes: number[] = [];
    for await (const batch of await openTextFile(path, { batchSize: 3, limit: 7 })) sizes.push(batch.length);
    expect(sizes).toEqual([3, 3, 1]);
  });

  it.each([
    ['no such file', 'FILE', () => openTextFile(join(folder, 'none.csv'))],
    ['a folder', 'FILE', () => openTextFile(folder, { format: 'txt' })],
    ['an extension that is not known', 'OPTION', () => read('a.pdf', 'x')],
    ['an encoding that is none', 'OPTION', () => read('a.txt', 'x', { encoding: 'klingon' })],
    ['a column that there is not', 'OPTION', () => read('a.csv', 'text\nx', { textColumn: 'body' })],
    ['no column that could be the text', 'OPTION', () => read('a.csv', 'a,b\n1,2')],
    ['a quote that is not closed', 'FILE_FORMAT', () => read('a.csv', 'text\n"one\ntwo\n')],
    ['a row above the limit', 'FILE_FORMAT', () => read('a.csv', `text\n"${'x'.repeat(4_100_000)}"\n`)],
    ['an empty file', 'NO_INPUTS', () => read('a.txt', '')],
    ['a header alone', 'NO_INPUTS', () => read('a.csv', 'text,label\n')],
    [
      'a list in JSON',
      'NO_INPUTS',
      () => read('a.json', '[\n{"text":"x"}\n]\n'.replace('{"text":"x"}', '7')),
    ],
    ['what is no Parquet', 'FILE_FORMAT', () => read('a.parquet', 'PAR1 and more, PAR1')],
    [
      'Parquet that ends early',
      'FILE_FORMAT',
      () => read('a.parquet', parquetFile({ text: ['one'] }, 1).subarray(0, 40)),
    ],
    ['a batch of no texts', 'OPTION', () => read('a.txt', 'x', { batchSize: 0 })],
  ])('refuses %s', async (_, code, run) => {
    await expect(run()).rejects.toMatchObject({ name: 'CraftError', code });
  });

  it('survives every byte of a Parquet file that is changed: texts or a CraftError, nothing else', async () => {
    const good = parquetFile({ text: ['one', 'two'], label: ['a', 'b'] }, 2);
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at] ^= 0x55;
      const outcome = await read('g.parquet', bytes).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome.name, `byte ${at}: ${outcome.message}`).toBe('CraftError');
    }
  });

  it('streams: 200,000 rows pass through without being held', async () => {
    const file = await openTextFile(
      await write('h.txt', Array.from({ length: 200_000 }, (_, k) => `row number ${k}`).join('\n')),
    );
    let most = 0;
    let count = 0;
    for await (const batch of file) {
      most = Math.max(most, batch.length);
      count += batch.length;
    }
    expect(count).toBe(200_000);
    expect(most).toBe(256);
  });

  it('refuses an array that ends too soon', async () => {
    await expect(read('cut.json', '[{"text": "one"},')).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringMatching(/JSON array/),
    });
  });
});
