// The table of docs/gradients.md lists the ops that have a gradient, and no others.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gradRules } from '../../../src/onnx/rules/table.ts';
import { opCases } from '../../models/op-cases.ts';

const text = readFileSync(new URL('../../../docs/gradients.md', import.meta.url), 'utf8');
const rows = text.split('\n').filter((line) => /^\| [A-Z]/.test(line));
const listed = (isListed: (row: string) => boolean): string[] =>
  rows.filter(isListed).flatMap((row) => [...row.split('|')[2].matchAll(/`(\w+)`/g)].map(([, op]) => op));

it('the documentation lists every op that has a gradient', () => {
  expect(listed(() => true).sort()).toEqual([...gradRules.keys()].sort());
});

it('the ops that it says are tested by central differences are', () => {
  expect(listed((row) => row.includes('central differences')).sort()).toEqual(Object.keys(opCases).sort());
});
