// `explain --recursive` with the built command on a real small model.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/craft/explanation.ts';
import { loadExplanation } from '../../src/store/explanation-fs.ts';
import { craft } from './run.ts';
import { type Toy, writeToy } from './toy.ts';

let toy: Toy;
beforeAll(async () => {
  toy = await writeToy(12);
});
afterAll(() => rmSync(toy.folder, { recursive: true }));

// 64 px, patch 16, stride 12: 5×5 crops of 12 images, 300 rows, a fifth of which stand for a concept
const explain = (out: string, ...more: string[]) =>
  craft([
    ...['explain', toy.model, toy.images, '--class', 'triangle', '--concepts', '3', '--patch-size', '16'],
    ...['--nb-design', '4', '--out', join(toy.folder, out), ...more],
  ]);
const recursive = ['--recursive', '--percentile', '80', '--depth', '1'];

/** All but the times. */
const numbersOf = ({ timings: _, ...rest }: Explanation) => rest;

describe('explain --recursive', () => {
  it('writes a tree whose numbers fit together, with its matrices, and the same one again from what was kept', async () => {
    const { code, stderr } = await explain('tree', ...recursive);
    expect(stderr).not.toContain('a fault of its own');
    expect(code).toBe(0);
    const { explanation, matrices } = await loadExplanation(join(toy.folder, 'tree'));
    expect(explanation.settings.recursion).toEqual({ depth: 1, percentile: 80 });
    for (const { id, importance, split } of explanation.concepts) {
      expect(split).toBeDefined();
      for (const { layer, curve } of split!.tried) {
        expect(layer.name).toMatch(/^features\.[0-2]/);
        expect(curve[0]).toMatchObject({ concepts: 1, gain: 0, chance: 0, stability: null });
      }
      if (split!.verdict !== 'mixed') {
        expect([split!.chosen, split!.fit, split!.children]).toEqual([null, null, []]);
        continue;
      }
      expect(split!.children.length).toBeGreaterThanOrEqual(2);
      const rows = matrices.tree![`rows.${id}`];
      expect([...rows.data].every((row) => matrices.U.data[row * 3 + id] > 0)).toBe(true);
      for (const child of split!.children) {
        expect(child.importance.value).toBeCloseTo(importance.value * child.share.value, 10);
        expect(child.split).toBeUndefined(); // depth 1
      }
      // crops belong to the strongest part, each to one
      expect(split!.children.reduce((sum, child) => sum + child.overlap, 0)).toBeCloseTo(1, 6);
    }
    expect(explanation.concepts.some(({ split }) => split!.verdict === 'mixed')).toBe(true);

    await explain('again', ...recursive);
    const again = await loadExplanation(join(toy.folder, 'again'));
    expect(numbersOf(again.explanation)).toEqual(numbersOf(explanation));
    expect(again.matrices).toEqual(matrices);
    expect(readFileSync(join(toy.folder, 'tree/index.html'), 'utf8')).toContain('"split"');
  });

  it('leaves no trace in an explanation without it', async () => {
    await explain('flat');
    const { explanation, matrices } = await loadExplanation(join(toy.folder, 'flat'));
    expect(explanation.settings.recursion).toBeUndefined();
    expect(explanation.concepts.every(({ split }) => split === undefined)).toBe(true);
    expect(matrices.tree).toBeUndefined();
  });

  it('is in the plan: what to expect, and the most', async () => {
    const { stdout } = await explain('plan', ...recursive, '--dry-run', '--json');
    const { recursion, recursionSeconds } = JSON.parse(stdout);
    // 3 concepts × 3 layers × 60 rows, and 128 random rows at each layer; 24 rows of a concept for 4·(5 + 1) + 2
    // scores, and 3 to check the fold of h on
    expect(recursion).toMatchObject({ encoderRuns: 540 + 3 * 128, headRuns: 3 * (24 * 26 + 3) });
    // six in ten concepts looked at, a fifth of them taken apart into three
    expect(recursion.expected).toEqual({
      encoderRuns: 0.6 * 540 + 3 * 128,
      headRuns: Math.round(3 * 0.6 * 0.2 * (24 * 18 + 3)),
    });
    expect(recursion.layers).toHaveLength(3);
    expect(recursionSeconds.about).toBeGreaterThan(0);
    expect(recursionSeconds.most).toBeGreaterThan(recursionSeconds.about);
    expect((await explain('plan', '--dry-run')).stdout).not.toContain('sub-concepts');
  });

  it.each([
    [['--depth', '1'], /--depth: expected it together with --recursive/],
    [['--recursive', '--depth', '0'], /depth: expected/],
    [['--recursive', '--percentile', '101'], /percentile: expected/],
  ])('%j is misuse', async (words, message) => {
    const { code, stderr } = await explain('x', ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
