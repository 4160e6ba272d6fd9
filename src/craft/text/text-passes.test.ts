import { describe, expect, it } from 'vitest';
import { readTexts } from './text-data.ts';
import { passOver, someTexts, windowsOf } from './text-passes.ts';

const texts = [
  'One is here. Two is there, and it is longer than that.',
  '??',
  'Three.',
  'Four, five and six.',
];

/** A source in batches of two; `change` is what a later pass finds. */
function sourceOf(change: (texts: string[], pass: number) => string[] = (same) => same) {
  let passes = 0;
  return {
    source: 'mails.csv',
    names: [],
    skipped: [],
    skippedCount: 0,
    duplicates: 0,
    total: null,
    async *[Symbol.asyncIterator]() {
      const found = change([...texts], passes++);
      for (let n = 0; n < found.length; n += 2)
        yield found.slice(n, n + 2).map((text, k) => ({ id: `row ${n + k}`, text, label: 'ham' }));
    },
  };
}

const request = { units: 'sentence', windowWords: 10 } as const;

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('texts that are read again', () => {
  it('are the same, each with its units in order', async () => {
    const source = sourceOf();
    const data = await readTexts(request, { source });
    expect(data.ids).toEqual(['row 0', 'row 1', 'row 2', 'row 3']);
    expect(data.lengths).toEqual(texts.map(({ length }) => length));
    const batches = await listed(passOver({ source }, data));
    expect(batches.flatMap((batch) => batch.texts)).toEqual(texts);
    expect(batches.map(({ first, row }) => [first, row])).toEqual([
      [0, 0],
      [2, batches[0].contents.length],
    ]);
    const contents = batches.flatMap((batch) => batch.contents);
    expect(contents).toHaveLength(data.units.count);
    expect(contents[0]).toBe('One is here.');
    expect(contents.at(-1)).toBe(texts[3]);
  });

  it('join in windows, which keep their order', async () => {
    const source = sourceOf();
    const data = await readTexts(request, { source });
    const windows = (most: { characters: number; units: number }) =>
      listed(windowsOf(passOver({ source }, data), most));
    const [all, ...none] = await windows({ characters: 1000, units: 1000 });
    expect(none).toEqual([]);
    expect(all.texts).toEqual(texts);
    expect(await windows({ characters: 1000, units: 1 })).toHaveLength(2);
    expect(await windows({ characters: 1, units: 1000 })).toHaveLength(2);
  });

  it('are found by their index, without reading on', async () => {
    const source = sourceOf();
    const data = await readTexts(request, { source });
    expect(await someTexts({ source }, data, new Set([0]))).toEqual(new Map([[0, texts[0]]]));
    expect(await someTexts({ source }, data, new Set())).toEqual(new Map());
  });

  it.each<[string, (texts: string[], pass: number) => string[]]>([
    ['another', (all, pass) => (pass > 0 ? [all[0], `${all[1]}!`, all[2], all[3]] : all)],
    ['fewer', (all, pass) => (pass > 0 ? all.slice(0, 2) : all)],
    ['more', (all, pass) => (pass > 0 ? [...all, 'Seven.'] : all)],
  ])('are refused if there are %s', async (_, change) => {
    const source = sourceOf(change);
    const data = await readTexts(request, { source });
    await expect(listed(passOver({ source }, data))).rejects.toThrow(/mails.csv: expected the same texts/);
  });

  it('stop when they are told to', async () => {
    const source = sourceOf();
    const data = await readTexts(request, { source });
    const pass = passOver({ source, signal: AbortSignal.abort() }, data);
    await expect(listed(pass)).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
