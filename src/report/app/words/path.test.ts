import { expect, it } from 'vitest';
import { pathWords } from './path.ts';

it('ends the sentence, with why fewer runs are as good where a fold saved some', () => {
  for (const path of ['folded-pool', 'folded-linear', 'folded-prefix'] as const) {
    expect(pathWords(path)).toMatch(/^, whose .* once .*: the same numbers for less work\.$/);
  }
  expect(['batched', 'closed-form', undefined].map((path) => pathWords(path as 'batched'))).toEqual([
    '.',
    '.',
    '.',
  ]);
});
