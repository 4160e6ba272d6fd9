import { describe, expect, it } from 'vitest';
import { haltonDesign, replicatedDesign } from '../math/designs.ts';
import { signedEffect } from '../math/signed-effect.ts';
import { designsOf, effectOf, masksOf } from './design-masks.ts';

const [N, r] = [8, 3];
const size = N * (r + 1) * r;

/** Rows of A and the C of points, by way of the public design. */
function rowsOf(points: Parameters<typeof replicatedDesign>[0]): number[] {
  const all = [...replicatedDesign(points).data];
  return [...all.slice(0, N * r), ...all.slice(2 * N * r)];
}

describe('masksOf', () => {
  it('is one design for all inputs with Halton, the reference’s', () => {
    const masks = masksOf(designsOf('halton', r, N, 0), N, r, 1);
    const expected = rowsOf(haltonDesign(2 * r, N));
    expect(masks.count).toBe(N * (r + 1));
    for (const n of [0, 5, 1]) expect([...masks.of(n)]).toEqual(expected);
  });

  it.each(['sobol', 'latin-hypercube'] as const)('is a design of its own for each input: %s', (sampler) => {
    const designs = designsOf(sampler, r, N, 3);
    const masks = masksOf(designs, N, r, 2);
    expect(masks.count).toBe(2 * N * (r + 1));
    for (const n of [1, 0, 4]) {
      expect([...masks.of(n).subarray(0, size)]).toEqual(rowsOf(designs.points(2 * n)));
      expect([...masks.of(n).subarray(size)]).toEqual(rowsOf(designs.points(2 * n + 1)));
    }
  });
});

it('effectOf is signedEffect without the rows of B', () => {
  const points = designsOf('sobol', r, N, 1).points(0);
  const design = replicatedDesign(points);
  const y = Float64Array.from({ length: N * (r + 2) }, (_, k) => Math.sin(3 * k));
  const given = Float64Array.from([...y.subarray(0, N), ...y.subarray(2 * N)]);
  expect(effectOf(given, points.data, N)).toEqual(signedEffect(y, design, N));
});
