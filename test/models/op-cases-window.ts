// Cases of ops that slide a window: 1 to 3 spatial axes, strides, dilations, pads, groups.

import fc from 'fast-check';
import type { OpCase, OpCases } from './op-case.ts';

interface Geometry {
  readonly k: number;
  readonly batch: number;
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly auto: string;
  readonly isFree: boolean;
}

const list = (min: number, max: number, length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: length, maxLength: length });

/** Windows that fit: pads are smaller than the kernel reaches. */
const geometry: fc.Arbitrary<Geometry> = fc
  .record({
    k: fc.constantFrom(1, 2, 2, 2, 3),
    batch: fc.integer({ min: 1, max: 2 }),
    sizes: list(5, 8, 3),
    kernel: list(1, 3, 3),
    strides: fc.oneof(fc.constant([1, 1, 1]), fc.constant([2, 2, 2]), list(1, 3, 3)),
    dilations: fc.oneof(fc.constant([1, 1, 1]), list(1, 2, 3)),
    pads: list(0, 2, 6),
    auto: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
    isFree: fc.boolean(),
  })
  .map((g) => ({
    ...g,
    sizes: g.sizes.slice(0, g.k).map((s) => (g.k === 3 ? 5 : s)),
    kernel: g.kernel.slice(0, g.k),
    strides: g.strides.slice(0, g.k),
    dilations: g.auto.startsWith('SAME') ? new Array(g.k).fill(1) : g.dilations.slice(0, g.k),
    pads: [...g.pads.slice(0, g.k), ...g.pads.slice(3, 3 + g.k)].map((p, i) =>
      Math.min(p, g.kernel[i % g.k] - 1),
    ),
  }));

function attributesOf(g: Geometry): Record<string, number[] | string> {
  const shared = { kernel_shape: [...g.kernel], strides: [...g.strides], dilations: [...g.dilations] };
  return g.auto === 'NOTSET' ? { ...shared, pads: [...g.pads] } : { ...shared, auto_pad: g.auto };
}

/** Sizes may be free where pads do not depend on them. */
const freeAxes = (g: Geometry, isAllowed = true): number[] => {
  const isStrided = g.strides.some((s) => s > 1);
  const spatial = g.sizes.map((_, i) => i + 2);
  return g.isFree && isAllowed && !(g.auto.startsWith('SAME') && isStrided) ? spatial : [];
};

const groups = fc.constantFrom<[group: number, into: number, out: number]>(
  [1, 2, 3],
  [2, 4, 2],
  [3, 3, 3],
  [2, 2, 4],
  [1, 1, 2],
);

const Conv: OpCases = fc.tuple(geometry, groups, fc.boolean()).map(
  ([g, [group, into, out], hasBias]): OpCase => ({
    inputs: [{ dims: [g.batch, into, ...g.sizes], free: freeAxes(g) }],
    build: (b, [x]) =>
      b.node(
        'Conv',
        [x, b.weights([out, into / group, ...g.kernel]), ...(hasBias ? [b.weights([out])] : [])],
        {
          ...attributesOf(g),
          group,
        },
      ),
  }),
);

const ConvTranspose: OpCases = fc.tuple(geometry, groups, fc.boolean()).map(
  ([g, [group, out, into], hasExtra]): OpCase => ({
    inputs: [{ dims: [g.batch, into, ...g.sizes.map((s) => s - 2)], free: freeAxes(g) }],
    build: (b, [x]) =>
      b.node('ConvTranspose', [x, b.weights([into, out / group, ...g.kernel])], {
        kernel_shape: [...g.kernel],
        strides: [...g.strides],
        dilations: [...g.dilations],
        pads: [...g.pads],
        group,
        ...(hasExtra ? { output_padding: g.strides.map((s) => s - 1) } : {}),
      }),
  }),
);

const MaxPool: OpCases = fc.tuple(geometry, fc.nat(1)).map(
  ([g, ceil_mode]): OpCase => ({
    inputs: [{ dims: [g.batch, 2, ...g.sizes], free: freeAxes(g, ceil_mode === 0), values: 'distinct' }],
    build: (b, [x]) =>
      b.node('MaxPool', [x], { ...attributesOf(g), ...(g.auto === 'NOTSET' ? { ceil_mode } : {}) }),
  }),
);

const AveragePool: OpCases = fc.tuple(geometry, fc.nat(1), fc.nat(1)).map(
  ([g, ceil_mode, countPads]): OpCase => ({
    inputs: [{ dims: [g.batch, 2, ...g.sizes], free: freeAxes(g, ceil_mode === 0) }],
    build: (b, [x]) =>
      b.node('AveragePool', [x], {
        ...attributesOf(g),
        count_include_pad: countPads,
        ...(g.auto === 'NOTSET' ? { ceil_mode } : {}),
      }),
  }),
);

const globalPool = (op: string): OpCases =>
  geometry.map(
    (g): OpCase => ({
      inputs: [{ dims: [g.batch, 2, ...g.sizes], free: freeAxes(g), values: 'distinct' }],
      build: (b, [x]) => b.node(op, [x]),
    }),
  );

export const convCases = { Conv, ConvTranspose };
export const poolCases = {
  MaxPool,
  AveragePool,
  GlobalAveragePool: globalPool('GlobalAveragePool'),
  GlobalMaxPool: globalPool('GlobalMaxPool'),
};
