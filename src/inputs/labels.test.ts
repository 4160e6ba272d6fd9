import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CraftError } from '../errors.ts';
import { findClass, parseLabels } from './labels.ts';
import { readLabels } from './labels-fs.ts';

describe('parseLabels', () => {
  it.each([
    ['one a line', 'tench\ngoldfish\n', ['tench', 'goldfish']],
    ['Windows line ends and a byte order mark', '\uFEFFtench\r\ngoldfish\r\n\r\n', ['tench', 'goldfish']],
    ['an empty line inside', 'tench\n\nshark', ['tench', '', 'shark']],
    ['ids with a colon', '1: goldfish\n0: tench, Tinca tinca', ['tench, Tinca tinca', 'goldfish']],
    ['ids with a space', '0  tench\n1  great white', ['tench', 'great white']],
    ['numbers that are no ids', '3 apples\n7 pears', ['3 apples', '7 pears']],
    ['digits as names', '0\n1\n2', ['0', '1', '2']],
    ['WordNet ids', 'n01440764 tench, Tinca tinca\nn01443537 goldfish', ['tench, Tinca tinca', 'goldfish']],
    ['a WordNet id alone', 'n01440764', ['n01440764']],
    ['a JSON list', '["tench", "goldfish"]', ['tench', 'goldfish']],
    ['a JSON object', '{"0": "tench", "2": "shark"}', ['tench', '', 'shark']],
    [
      'imagenet_class_index.json',
      '{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}',
      ['tench', 'goldfish'],
    ],
    ['a Hugging Face config', '{"a": 1, "id2label": {"1": "goldfish", "0": "tench"}}', ['tench', 'goldfish']],
  ])('reads %s', (_, text, expected) => {
    expect(parseLabels(text)).toEqual(expected);
  });

  it.each([
    ['nothing', ' \n\n'],
    ['damaged JSON', '{"0": "tench"'],
    ['JSON of something else', '{"label": "tench"}'],
    ['an id that would take all memory', '{"999999999": "tench"}'],
    ['names that are not texts', '[1, 2]'],
    ['an empty list', '[]'],
    ['a null id2label', '{"id2label": null}'],
    ['a binary file', 'PK\0\0\n\0'],
  ])('refuses %s', (_, text) => {
    expect(() => parseLabels(text)).toThrow(expect.objectContaining({ code: 'FILE_FORMAT' }));
  });

  it('gives names or a CraftError for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (text) => {
        try {
          expect(parseLabels(text).every((label) => typeof label === 'string')).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CraftError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('findClass', () => {
  const labels = ['tench, Tinca tinca', 'goldfish', 'crane', 'Crane', 'crane, machine', 'Granny Smith'];
  const find = (name: string, of = labels, classes = of.length) => findClass(of, name, classes);

  it.each([
    ['1', 1],
    [' 1 ', 1],
    ['goldfish', 1],
    ['GOLDFISH', 1],
    ['tench', 0],
    ['tinca tinca', 0],
    ['Crane', 3],
    ['machine', 4],
    ['granny smith', 5],
  ])('finds %s', (name, id) => {
    expect(find(name)).toEqual({ id, label: labels[id] });
  });

  it('names a class that has no label by its id', () => {
    expect(findClass([], '12', 1000)).toEqual({ id: 12, label: 'class 12' });
    expect(findClass(['a'], '12', 1000)).toEqual({ id: 12, label: 'class 12' });
  });

  it.each([
    ['6', /an id from 0 to 5; got "6"/],
    ['CRANE', /several: crane \(2\), Crane \(3\)/],
    ['goldfsh', /Closest: goldfish \(1\)/],
    ['smith', /Closest: Granny Smith \(5\)/],
    ['', /got ""/],
    ['-1', /got "-1"/],
  ])('refuses %s with advice', (name, message) => {
    expect(() => find(name)).toThrow(
      expect.objectContaining({ code: 'CLASS_NOT_FOUND', message: expect.stringMatching(message) }),
    );
  });

  it('does not trust names that are more or fewer than the classes', () => {
    expect(() => findClass(labels, 'goldfish', 7)).toThrow(/6 class names for 7 classes/);
    expect(() => findClass([], 'goldfish', 7)).toThrow(/--labels/);
  });

  it('takes any name without a hang, for 20,000 classes of long names', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `${'name, '.repeat(30)}${i}`);
    expect(() => find('x'.repeat(100_000), many)).toThrow(
      expect.objectContaining({ code: 'CLASS_NOT_FOUND' }),
    );
  });
});

describe('readLabels', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'craft-xai-labels-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads a file, and names it when it cannot', async () => {
    const path = join(folder, 'labels.txt');
    await writeFile(path, 'tench\ngoldfish\n');
    expect(await readLabels(path)).toEqual(['tench', 'goldfish']);
    await writeFile(path, '');
    await expect(readLabels(path)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining(path),
    });
    await expect(readLabels(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE' });
    await expect(readLabels(folder)).rejects.toMatchObject({ code: 'FILE' });
  });
});
