// Cases of matrix products.

import fc from 'fast-check';
import type { OpType } from '../../src/onnx/rules/table.ts';
import { type OpCase, type OpCases, size, wide } from './op-case.ts';

const Gemm: OpCases = fc
  .record({
    n: size,
    k: size,
    m: size,
    transA: fc.nat(1),
    transB: fc.nat(1),
    bias: fc.constantFrom('', 'row', 'column'),
  })
  .map(
    ({ n, k, m, transA, transB, bias }): OpCase => ({
      inputs: [
        { dims: transA ? [k, n] : [n, k] },
        { dims: transB ? [m, k] : [k, m] },
        ...(bias ? [{ dims: bias === 'row' ? [m] : [n, 1] }] : []),
      ],
      build: (b, x) => b.node('Gemm', x, { transA, transB, alpha: { float: 0.5 }, beta: { float: 2 } }),
    }),
  );

const MatMul: OpCases = fc.oneof(
  fc
    .record({
      batch: fc.array(wide, { maxLength: 2 }),
      ones: fc.nat(2),
      dropped: fc.nat(2),
      n: size,
      k: wide,
      m: size,
      isFree: fc.boolean(),
    })
    .map(({ batch, ones, dropped, n, k, m, isFree }): OpCase => {
      const left = batch.map((d, i) => (ones === i ? 1 : d));
      const right = batch.slice(Math.min(dropped, batch.length));
      const free = (dims: readonly number[]) => (isFree ? [...dims.keys()].filter((i) => dims[i] > 1) : []);
      const [a, c] = [
        [...left, n, k],
        [...right, k, m],
      ];
      return {
        inputs: [
          { dims: a, free: free(a) },
          { dims: c, free: free(c) },
        ],
        build: (b, x) => b.node('MatMul', x),
      };
    }),
  // vectors on either side, and constants
  fc.constantFrom([[3], [3, 4]], [[3], [2, 3, 4]], [[2, 3], [3]], [[2, 4, 3], [3]], [[3], [3]]).map(
    (dims): OpCase => ({
      inputs: dims.map((d) => ({ dims: d })),
      build: (b, x) => b.node('MatMul', x),
    }),
  ),
  fc.tuple(fc.array(wide, { minLength: 1, maxLength: 3 }), fc.boolean()).map(
    ([lead, isFree]): OpCase => ({
      inputs: [{ dims: [...lead, 3], free: isFree ? [...lead.keys()] : [] }],
      build: (b, [x]) => b.node('MatMul', [x, b.weights([3, 4])]),
    }),
  ),
);

const Einsum: OpCases = fc
  .constantFrom<[string, number[][]]>(
    [
      'bij,kj->bik',
      [
        [2, 3, 4],
        [5, 4],
      ],
    ],
    [
      'bij,bjk',
      [
        [2, 3, 4],
        [2, 4, 2],
      ],
    ],
    ['ij->j', [[3, 4]]],
    [
      'bhid, bhjd -> bhij',
      [
        [1, 2, 3, 2],
        [1, 2, 4, 2],
      ],
    ],
    [
      'ij,jk,kl->il',
      [
        [2, 3],
        [3, 2],
        [2, 4],
      ],
    ],
    ['ij,k->k', [[2, 3], [4]]],
  )
  .map(
    ([equation, dims]): OpCase => ({
      inputs: dims.map((d) => ({ dims: d })),
      build: (b, x) => b.node('Einsum', x, { equation }),
    }),
  );

export const products = { Gemm, MatMul, Einsum } satisfies Partial<Record<OpType, OpCases>>;
