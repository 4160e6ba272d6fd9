// Gradients of matrix products: Y = A · B gives ∂A = G · Bᵀ and ∂B = Aᵀ · G.

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { reshapeLike, span, sumTo, sumToDims } from '../differentiate-shapes.ts';
import type { Dims } from '../shapes/value.ts';

/** Y = α · op(A) · op(B) + β · C, op transposing if told. */
export function Gemm(c: GradCall): Gradients {
  const { b, g } = c;
  const [A, B] = [c.input(0), c.input(1)];
  const [transA, transB] = [c.int('transA', 0) ? 1 : 0, c.int('transB', 0) ? 1 : 0];
  const alpha = { float: c.float('alpha', 1) };
  const product = (left: string, right: string, tl: number, tr: number): string =>
    b.op('Gemm', [left, right], { transA: tl, transB: tr, alpha });
  return c.each((x, i) => {
    if (i === 0) return transA ? product(B, g, transB, 1) : product(g, B, 0, 1 - transB);
    if (i === 1) return transB ? product(g, A, 1, transA) : product(A, g, 1 - transA, 0);
    return sumTo(c, b.times(g, c.float('beta', 1)), x);
  });
}

export function MatMul(c: GradCall): Gradients {
  const [A, B] = [c.input(0), c.input(1)];
  const [rankA, rankB] = [c.rank(A), c.rank(B)];
  if (rankA === 1 || rankB === 1) return vectorProduct(c, rankA, rankB);
  return c.each((x, i) => {
    if (i === 0 && rankB === 2 && c.isWeight(B)) return byConstant(c);
    const product =
      i === 0
        ? c.b.op('MatMul', [c.g, transposed(c, B, rankB)])
        : c.b.op('MatMul', [transposed(c, A, rankA), c.g]);
    return sumToDims(c, product, productDims(c, x), x);
  });
}

/** One product of two matrices, whatever the batch: the runtime packs a constant B once. */
function byConstant(c: GradCall): string {
  const { b, g, x } = c;
  const B = c.input(1);
  if (c.rank(x) === 2) return b.op('Gemm', [g, B], { transB: 1 });
  const width = c.size(B, 1);
  if (width === null) return b.op('MatMul', [g, transposed(c, B, 2)]);
  return reshapeLike(c, b.op('Gemm', [b.reshape(g, [-1, width]), B], { transB: 1 }), x);
}

function transposed(c: GradCall, matrix: string, rank: number): string {
  return c.b.transpose(matrix, [...span(0, rank - 2), rank - 1, rank - 2]);
}

/** Dims of the product before batches are summed: those of the output, then the matrix of x. */
function productDims(c: GradCall, x: string): Dims[] | null {
  const [y, of] = [c.dimsAtPins(c.y), c.dimsAtPins(x)];
  return y && of && y.map((dims, pin) => [...dims.slice(0, -2), ...of[pin].slice(-2)]);
}

/** A or B is a vector: a row or a column. */
function vectorProduct(c: GradCall, rankA: number, rankB: number): Gradients {
  const { b } = c;
  const A = rankA === 1 ? b.unsqueeze(c.input(0), [0]) : c.input(0);
  const B = rankB === 1 ? b.unsqueeze(c.input(1), [1]) : c.input(1);
  let g = c.g;
  if (rankB === 1) g = b.unsqueeze(g, [-1]);
  if (rankA === 1) g = b.unsqueeze(g, [-2]);
  const batch = span(0, Math.max(rankA, rankB) - 2);
  return c.each((x, i) => {
    const rank = i === 0 ? rankA : rankB;
    const product =
      i === 0
        ? b.op('MatMul', [g, transposed(c, B, Math.max(2, rankB))])
        : b.op('MatMul', [transposed(c, A, Math.max(2, rankA)), g]);
    return reshapeLike(c, rank === 1 ? b.sum(product, batch, false) : product, x);
  });
}

/** ∂ of one operand: the other operands and g, contracted to its indices. */
export function Einsum(c: GradCall): Gradients {
  const { operands, output } = parseEquation(c);
  return c.each((x, i) => {
    const others = operands.filter((_, k) => k !== i);
    const known = new Set(output + others.join(''));
    const letters = [...operands[i]];
    const kept = letters.filter((l) => known.has(l));
    const equation = `${[output, ...others].join(',')}->${kept.join('')}`;
    const inputs = c.node.input.filter((_, k) => k !== i);
    const contracted = c.b.op('Einsum', [c.g, ...inputs], { equation });
    if (kept.length === letters.length) return contracted;
    // an index that only this operand has was summed
    const summed = span(0, letters.length).filter((k) => !known.has(letters[k]));
    return c.b.op('Expand', [c.b.unsqueeze(contracted, summed), c.b.shapeOf(x)]);
  });
}

function parseEquation(c: GradCall): { operands: string[]; output: string } {
  const equation = c.string('equation', '').replace(/\s/g, '');
  const [left, right] = equation.split('->');
  const operands = left.split(',');
  const counts = new Map<string, number>();
  for (const l of operands.join('')) counts.set(l, (counts.get(l) ?? 0) + 1);
  const once = [...counts.keys()].filter((l) => counts.get(l) === 1);
  const output = right ?? once.sort().join('');
  const isPlain =
    /^[A-Za-z,]*(->[A-Za-z]*)?$/.test(equation) &&
    operands.length === c.node.input.length &&
    [...operands, output].every((s) => new Set(s).size === s.length) &&
    sizesAgree(c, operands);
  if (!isPlain) throw c.unsupported(`equation "${equation}"`);
  return { operands, output };
}

/** Whether no index is broadcast from 1. */
function sizesAgree(c: GradCall, operands: readonly string[]): boolean {
  const sizes = new Map<string, string>();
  return operands.every((letters, i) => {
    const dims = c.dimsAtPins(c.input(i));
    return (
      dims?.[0].length === letters.length &&
      [...letters].every((l, axis) => {
        const size = String(dims.map((d) => d[axis]));
        if (!sizes.has(l)) sizes.set(l, size);
        return sizes.get(l) === size;
      })
    );
  });
}
