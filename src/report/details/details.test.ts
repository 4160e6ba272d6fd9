import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeExplanation } from '../../../test/report/fixture.ts';
import { makeTextRun } from '../../../test/report/text-fixture.ts';
import { cropBoxes } from '../../inputs/crops.ts';
import { openDetails } from '../app/details.ts';
import { conceptDetails } from './concept-details.ts';
import { contributionsOf, inputMeans } from './contributions.ts';
import { cosines } from './cosine.ts';
import { imageDetails, textDetails } from './details.ts';
import { packMatrix } from './pack-matrix.ts';
import { rowPlaces } from './row-places.ts';

const opened = (packed: ReturnType<typeof packMatrix>) =>
  openDetails({ concepts: [], cosine: null, perInput: packed, contributions: null }).perInput!;

describe('packMatrix', () => {
  it('comes back within half a step of its column', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(value, { minLength: 4, maxLength: 40 }),
        (r, all) => {
          const n = Math.floor(all.length / r);
          const data = Float64Array.from(all.slice(0, n * r));
          const matrix = opened(packMatrix({ data, dims: [n, r] }));
          data.forEach((v, k) => {
            const scale = Math.max(...data.filter((_, j) => j % r === k % r).map(Math.abs));
            // a step is scale / 32767; 1e-9 for the products of doubles
            expect(Math.abs(matrix.at(Math.floor(k / r), k % r) - v)).toBeLessThanOrEqual(
              (scale / 32767) * (0.5 + 1e-9),
            );
          });
        },
      ),
    );
  });

  it('is null for what is too large or not finite', () => {
    expect(packMatrix({ data: new Float32Array(2 ** 20 + 2), dims: [2 ** 19 + 1, 2] })).toBeNull();
    expect(packMatrix({ data: Float32Array.of(1, Number.NaN), dims: [1, 2] })).toBeNull();
  });
});

describe('contributionsOf', () => {
  const { explanation, U_texts, importance_per_input } = makeTextRun();

  it('finds what each concept adds from its mean effect and the coefficients', () => {
    const found = contributionsOf(explanation, U_texts, importance_per_input)!;
    // the fixture's score is Σ c_i ū_ni with c_i = ±3 · 0.75^i, minus at every third
    found.data.forEach((value: number, k: number) => {
      const c = ((k % 8) % 3 === 1 ? -3 : 3) * 0.75 ** (k % 8);
      expect(value).toBeCloseTo(c * U_texts.data[k], 10); // sums of 24 doubles
    });
  });

  it('is null where the indices of the run say that the head is not affine in ū', () => {
    const other = {
      ...importance_per_input,
      data: importance_per_input.data.map((s: number) => (s + 0.2) / 2),
    };
    expect(contributionsOf(explanation, U_texts, other)).toBeNull();
    const sampled = { ...explanation, importance: { ...explanation.importance, method: 'sobol' as const } };
    expect(contributionsOf(sampled, U_texts, importance_per_input)).toBeNull();
  });

  it('takes the means of the rows of each input', () => {
    const U = { data: Float64Array.of(1, 10, 3, 20, 5, 0, 7, 2), dims: [4, 2] };
    expect(inputMeans(U, 2)?.data).toEqual(Float64Array.of(2, 15, 6, 1));
    expect(inputMeans(U, 3)).toBeNull();
  });
});

describe('rowPlaces', () => {
  const base = makeExplanation({ concepts: 2, inputs: 3 });
  const { width, height } = base.preprocess;
  const boxes = cropBoxes({ width, height, patchSize: 64, stride: 51 });
  const explanation = {
    ...base,
    factorization: { ...base.factorization, rows: 3 * boxes.length },
    concepts: base.concepts.map((concept) => ({
      ...concept,
      bestRows: [0, boxes.length + 5, 2 * boxes.length + 1].map((row) => ({
        row,
        input: Math.floor(row / boxes.length),
        box: boxes[row % boxes.length],
        value: 1,
      })),
    })),
  };

  it('numbers crops as they were cut', () => {
    const placeOf = rowPlaces(explanation)!;
    boxes.forEach((box, k) => {
      expect(placeOf(boxes.length + k)).toEqual({ input: 1, box });
    });
  });

  it('is null where the rows that are named stand elsewhere', () => {
    const moved = structuredClone(explanation);
    moved.concepts[1].bestRows[1].box.x += 1;
    expect(rowPlaces(moved)).toBeNull();
  });

  it('does not allocate what a file asks for', () => {
    const settings = { ...explanation.settings, patchSize: 1, stride: 1e-9 };
    expect(rowPlaces({ ...explanation, settings })).toBeNull();
  });
});

describe('details', () => {
  it('takes a million rows that are 0 in about the time of one sort, and spreads what it shows', () => {
    const n = 1_000_000;
    const U = { data: new Float32Array(n), dims: [n, 1] };
    U.data[n - 1] = 1;
    const { zero } = conceptDetails(U, 0, (row, value) => ({ row, input: row, span: [0, 1], value }));
    const gaps = zero.slice(1).map(({ row }, k) => row - zero[k].row);
    expect(gaps).toEqual(new Array(5).fill(Math.floor((n - 1) / 6)));
  });

  it('shows units at the median and without the concept, of different texts', () => {
    const { explanation, ...matrices } = makeTextRun();
    const { concepts, cosine } = textDetails(explanation, matrices);
    const { U } = matrices;
    concepts.forEach(({ median, zero, histogram }, id) => {
      const column = Array.from({ length: U.dims[0] }, (_, row) => U.data[row * 8 + id]);
      expect(histogram.counts.reduce((a, b) => a + b)).toBe(column.length);
      expect(histogram.largest).toBe(Math.max(...column));
      expect(zero.map(({ value }) => value)).toEqual(new Array(6).fill(0));
      const present = column.filter((u) => u > histogram.largest / 10).sort((a, b) => a - b);
      expect(median[0].value).toBe(present[Math.floor(present.length / 2)]);
      expect(new Set(median.map(({ input }) => input)).size).toBe(median.length);
    });
    expect(cosine?.dims).toEqual([8, 8]);
  });

  it('has no example of an image that is not shown, and fails for a matrix of another run', () => {
    const e = makeExplanation({ concepts: 2, inputs: 3 });
    const U = { data: new Float32Array(2 * e.factorization.rows).fill(1), dims: [e.factorization.rows, 2] };
    e.inputs.items[0].image = null;
    const [first] = imageDetails(e, { U }).concepts;
    expect(new Set(first.median.map(({ input }) => input))).toEqual(new Set([1, 2]));
    e.concepts[0].bestRows[0].box.x += 1; // its rows cannot be placed
    expect(imageDetails(e, { U }).concepts[0].median).toEqual([]);
    expect(() => imageDetails(e, { U: { ...U, dims: [2, e.factorization.rows] } })).toThrow(
      /renderReport: expected U with dims \[48,2\]/,
    );
  });

  it('cosines are 1 on the diagonal, 0 for a row of zeros', () => {
    const W = { data: Float64Array.of(1, 0, 3, 4, 0, 0), dims: [3, 2] };
    expect(cosines(W).data).toEqual(Float64Array.of(1, 0.6, 0, 0.6, 1, 0, 0, 0, 0));
  });
});
