import { describe, expect, it } from 'vitest';
import type { Importance } from '../importance.ts';
import { compareGroups, twoGroups } from './compare-groups.ts';

const target = { id: 1, label: 'spam' };
const classLabels = ['ham', 'spam'];
const logitsOf = (classes: number[]) => ({
  data: Float32Array.from(classes.flatMap((c) => (c === 0 ? [1, 0] : [0, 1]))),
  dims: [classes.length, 2],
});

describe('twoGroups', () => {
  const compared = {
    labels: ['spam', 'spam', 'ham', 'ham', 'spam'],
    logits: logitsOf([1, 1, 0, 0, 0]),
    classLabels,
    target,
  };

  it('goes by the labels where they name both groups', () => {
    const { groups, by } = twoGroups('ham', compared);
    expect(by).toBe('label');
    expect(groups.map(({ members }) => members)).toEqual([
      [0, 1, 4],
      [2, 3],
    ]);
  });

  it('goes by what the model answers where there are no labels', () => {
    const { groups, by } = twoGroups('ham', { ...compared, labels: compared.labels.map(() => null) });
    expect(by).toBe('prediction');
    expect(groups.map(({ members }) => members)).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
  });

  it('explains a label that is no class by the class itself', () => {
    const labels = ['spam', 'spam', 'list', 'list', 'list'];
    const { groups } = twoGroups('list', { ...compared, labels });
    expect(groups[1]).toEqual({ label: 'list', target, members: [2, 3, 4] });
  });

  it('refuses groups that are too small, and what is neither label nor class', () => {
    const few = { ...compared, labels: ['spam', 'spam', 'spam', 'spam', 'ham'] };
    expect(() => twoGroups('ham', few)).toThrow(/4 of “spam” and 1 of “ham”/);
    expect(() => twoGroups('phish', { ...compared, labels: [null, null, null, null, null] })).toThrow(
      /phish/,
    );
    expect(() => twoGroups('spam', compared)).toThrow(/two groups/);
  });
});

describe('compareGroups', () => {
  it('sets Δ against the importance of either class', async () => {
    const importance = (total: number[]): Importance =>
      ({
        total: Float64Array.from(total),
        lower: Float64Array.from(total, (s) => s * 0.9),
        upper: Float64Array.from(total, (s) => s * 1.1),
        effect: Float64Array.from(total, () => 1),
      }) as unknown as Importance;
    const asked: [readonly number[], number][] = [];
    const U = { data: Float32Array.of(1, 1, 0, 3, 1, 0, 0, 1, 2, 0, 1, 2), dims: [4, 3] };
    const logits = logitsOf([1, 1, 0, 0]);
    const { concepts, groups, by, levels } = await compareGroups(
      'ham',
      { labels: ['spam', 'spam', 'ham', 'ham'], logits, reconstructed: logits, classLabels, target },
      U,
      async (members, classId) => {
        asked.push([members, classId]);
        return importance(classId === 1 ? [0.8, 0.3, 0.01] : [0.7, 0.01, 0.01]);
      },
      { confidence: 0.95, seed: 0 },
    );
    expect(by).toBe('label');
    expect(levels).toEqual([0, 0]);
    expect(asked).toEqual([
      [[0, 1], 1],
      [[2, 3], 0],
    ]);
    expect(groups.map(({ label, texts, class: { id } }) => [label, texts, id])).toEqual([
      ['spam', 2, 1],
      ['ham', 2, 0],
    ]);
    expect(concepts.map(({ delta }) => delta.value)).toEqual([2, 0, -2]);
    // ½ and 3 against 0 and 0; alike; only ham has the third
    expect(concepts.map(({ reading }) => reading)).toEqual(['discriminating', 'shared', 'unused']);
  });
});
