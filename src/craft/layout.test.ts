import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../tensor/tensor.ts';
import { denseRows, fromLatents, latentShape, pooledRows, toLatents } from './layout.ts';

const count = fc.integer({ min: 1, max: 4 });
const cases = fc.oneof(
  fc.record({ layout: fc.constant('NCHW' as const), dims: fc.tuple(count, count, count, count) }),
  fc.record({ layout: fc.constant('NHWC' as const), dims: fc.tuple(count, count, count, count) }),
  fc.record({ layout: fc.constant('NTC' as const), dims: fc.tuple(count, count, count) }),
  fc.record({ layout: fc.constant('NC' as const), dims: fc.tuple(count, count) }),
);
const filled = (dims: readonly number[]) => Float32Array.from({ length: sizeOf(dims) }, (_, i) => i);

describe('toLatents', () => {
  it('is undone by fromLatents', () => {
    fc.assert(
      fc.property(cases, ({ layout, dims }) => {
        const latent = { data: filled(dims), dims };
        const back = fromLatents(toLatents(latent, latentShape(dims, { layout, prefixTokens: 0 })));
        expect(back).toEqual({ data: latent.data, dims: [...dims] });
      }),
    );
  });

  it('puts the channels last', () => {
    const dims = [1, 2, 1, 3]; // two channels of 0 1 2 and 3 4 5
    const { data } = toLatents(
      { data: filled(dims), dims },
      latentShape(dims, { layout: 'auto', prefixTokens: 0 }),
    );
    expect(Array.from(data)).toEqual([0, 3, 1, 4, 2, 5]);
  });
});

describe('latentShape', () => {
  it('finds the grid after the prefix', () => {
    expect(latentShape([1, 50, 8], { layout: 'auto', prefixTokens: 1 }).grid).toEqual([7, 7]);
    expect(latentShape([1, 50, 8], { layout: 'auto', prefixTokens: 0 }).grid).toBeNull();
    expect(latentShape([1, 8, 3, 5], { layout: 'auto', prefixTokens: 0 }).grid).toEqual([3, 5]);
  });

  it.each([[[4]], [[1, 2, 3, 4, 5]], [[1, 0, 3]]])('refuses dims [%s]', (dims) => {
    expect(() => latentShape(dims, { layout: 'auto', prefixTokens: 0 })).toThrow(/latent: expected/);
  });

  it('refuses a prefix that leaves no token', () => {
    expect(() => latentShape([1, 5, 8], { layout: 'NTC', prefixTokens: 5 })).toThrow(/fewer prefix tokens/);
  });
});

describe('rows', () => {
  const dims = [2, 3, 1]; // two inputs of three tokens, the first of each before the grid
  const latents = toLatents(
    { data: filled(dims), dims },
    latentShape(dims, { layout: 'NTC', prefixTokens: 1 }),
  );

  it('are the mean over the grid, or what the head reads', () => {
    expect(Array.from(pooledRows(latents, 'mean').data)).toEqual([1.5, 4.5]);
    expect(Array.from(pooledRows(latents, 'prefix').data)).toEqual([0, 3]);
  });

  it('leave the prefix out when they are locations', () => {
    expect(denseRows(latents)).toEqual({ data: Float32Array.of(1, 2, 4, 5), dims: [4, 1] });
  });
});
