import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../details.ts';
import { chainOrder, clusters, nearest } from './nearest.ts';

const matrixOf = (rows: number[][]): Matrix => ({
  dims: [rows.length, rows.length],
  at: (n, i) => rows[n][i],
});
const cosine = matrixOf([
  [1, 0.1, 0.8, 0.2],
  [0.1, 1, 0.3, 0.75],
  [0.8, 0.3, 1, 0.4],
  [0.2, 0.75, 0.4, 1],
]);

describe('concepts by their cosines', () => {
  it('nearest: the others, most alike first', () => {
    expect(nearest(cosine, 2).map(({ id }) => id)).toEqual([0, 3, 1]);
  });

  it('chainOrder: like beside like, each once', () => {
    expect(chainOrder(cosine)).toEqual([0, 2, 3, 1]);
  });

  it('clusters: what a chain of cosines joins, groups of one left out', () => {
    expect(clusters(cosine, 0.7)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(clusters(cosine, 0.4)).toEqual([[0, 2, 3, 1]]);
    expect(clusters(cosine, 0.9)).toEqual([]);
  });

  it('clusters: no two groups are joined, and each member to another of its group', () => {
    const symmetric = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 36, maxLength: 36 });
    fc.assert(
      fc.property(symmetric, (values) => {
        const at = (i: number, j: number): number => values[Math.min(i, j) * 6 + Math.max(i, j)];
        const groups = clusters({ dims: [6, 6], at }, 0.5);
        const groupOf = (id: number): number => groups.findIndex((group) => group.includes(id));
        for (let i = 0; i < 6; i++) {
          for (let j = 0; j < i; j++) if (at(i, j) >= 0.5) expect(groupOf(i)).toBe(groupOf(j));
          const isJoined = [0, 1, 2, 3, 4, 5].some((j) => j !== i && at(i, j) >= 0.5);
          expect(groupOf(i) >= 0).toBe(isJoined);
        }
      }),
    );
  });
});
