// Small models of one op each, drawn by fast-check: shapes, axes, strides, groups, pads and broadcasts for every
// op that has a gradient.

import type { OpType } from '../../src/onnx/rules/table.ts';
import type { OpCases } from './op-case.ts';
import { elementwise } from './op-cases-elementwise.ts';
import { indexing } from './op-cases-indexing.ts';
import { products } from './op-cases-matmul.ts';
import { movement } from './op-cases-movement.ts';
import { norms } from './op-cases-norm.ts';
import { reductions } from './op-cases-reduce.ts';
import { Resize } from './op-cases-resize.ts';
import { convCases, poolCases } from './op-cases-window.ts';

/** Straight through: the gradient of what would be there without rounding, so it is tested by its closed form. */
type DifferenceTested = Exclude<OpType, 'QuantizeLinear' | 'DequantizeLinear'>;

export const opCases = {
  ...elementwise,
  ...reductions,
  ...movement,
  ...indexing,
  ...norms,
  ...convCases,
  ...poolCases,
  ...products,
  Resize,
} satisfies Record<DifferenceTested, OpCases>;
