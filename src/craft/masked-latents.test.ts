import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latentShape } from './layout.ts';
import { MaskedLatents } from './masked-latents.ts';

const layouts = fc.constantFrom(
  { layout: 'NCHW', dims: [1, 5, 2, 3] },
  { layout: 'NHWC', dims: [1, 2, 3, 5] },
  { layout: 'NTC', dims: [1, 4, 5] },
  { layout: 'NC', dims: [1, 5] },
) as fc.Arbitrary<{ layout: 'NCHW' | 'NHWC' | 'NTC' | 'NC'; dims: number[] }>;
const number = fc.double({ min: -4, max: 4, noNaN: true }).map((v) => (Math.abs(v) < 1 ? 0 : v));

describe('MaskedLatents', () => {
  it('writes (u ⊙ m) W in the layout, whatever was there', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(number),
        ({ layout, dims }, r, stream) => {
          const take = (count: number): Float32Array =>
            Float32Array.from({ length: count }, () => stream.next().value);
          const shape = latentShape(dims, { layout, prefixTokens: 0 });
          const { locations: T, width: p } = shape;
          const [W, u, mask] = [take(r * p), take(T * r), take(r)];
          const out = take(T * p);
          new MaskedLatents({ data: W, dims: [r, p] }, shape).write(u, mask, out);
          for (let t = 0; t < T; t++) {
            for (let c = 0; c < p; c++) {
              let sum = 0;
              for (let i = 0; i < r; i++) sum += u[t * r + i] * mask[i] * W[i * p + c];
              // up to nine products below 64, rounded to float32 three times
              expect(Math.abs(out[layout === 'NCHW' ? c * T + t : t * p + c] - sum)).toBeLessThan(1e-4);
            }
          }
        },
      ),
    );
  });

  it('is 0 exactly where nothing is kept', () => {
    const shape = latentShape([1, 3, 2, 2], { layout: 'NCHW', prefixTokens: 0 });
    const out = new Float32Array(12).fill(Number.NaN);
    const latents = new MaskedLatents({ data: new Float32Array(6).fill(1), dims: [2, 3] }, shape);
    latents.write(new Float32Array(8).fill(1), [0, 0], out);
    expect(out).toEqual(new Float32Array(12));
  });
});
