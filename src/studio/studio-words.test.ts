import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inStudioWords } from './studio-words.ts';

const src = fileURLToPath(new URL('..', import.meta.url));
/** Of the library, what a page runs: the command line and the files of Node are not in it. */
const parts = ['inputs', 'craft', 'runtimes', 'onnx', 'math', 'metrics', 'formats', 'web', 'report'];

/** Lines with an option of the command line in a string, comments left out. */
function linesWithOptions(): string[] {
  return parts.flatMap((part) =>
    (readdirSync(join(src, part), { recursive: true }) as string[])
      .filter((name) => /\.ts$/.test(name) && !/(\.test|-fs|\.generated)\.ts$/.test(name))
      .filter((name) => !/(^|\/)app\//.test(name)) // the page of a report says how it is made again
      .flatMap((name) => readFileSync(join(src, part, name), 'utf8').split('\n'))
      .filter((line) => /['"` (]--[a-z]+(?![\w.])/.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)),
  );
}

describe('inStudioWords', () => {
  it('knows every sentence of the library that names an option', () => {
    const left = linesWithOptions().filter((line) => /['"` (]--(?!layer)[a-z]/.test(inStudioWords(line)));
    expect(left).toEqual([]);
  });

  it('says where the field is', () => {
    expect(inStudioWords('Images are stretched to the size of the model. Change it with --resize.')).toBe(
      'Images are stretched to the size of the model. Change it under “Size”.',
    );
  });
});
