// Shapes of matrix products.

import { broadcast, type Call, type Dims } from './value.ts';

export const matmul =
  (a: number, b: number) =>
  (c: Call): Dims | null =>
    productDims(c.dims(a), c.dims(b));

/** numpy.matmul: the last two dims multiply, those before broadcast; a vector counts as a row or column. */
export function productDims(left: Dims | null, right: Dims | null): Dims | null {
  if (!left || !right || left.length === 0 || right.length === 0) return null;
  const rows = left.length > 1 ? [left[left.length - 2]] : [];
  const columns = right.length > 1 ? [right[right.length - 1]] : [];
  const inner = right.length > 1 ? right[right.length - 2] : right[0];
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)]);
  if (!batch || left[left.length - 1] !== inner) return null;
  return [...batch, ...rows, ...columns];
}

export function Gemm(c: Call): Dims | null {
  const a = c.dims(0);
  const b = c.dims(1);
  if (!a || !b || a.length !== 2 || b.length !== 2) return null;
  const [rows, inner] = c.int('transA', 0) ? [a[1], a[0]] : a;
  const [height, columns] = c.int('transB', 0) ? [b[1], b[0]] : b;
  return inner === height ? [rows, columns] : null;
}

/** `ij,jk->ik`, with `...` for dims that broadcast; without an arrow, letters that occur once, sorted. */
export function Einsum(c: Call): Dims | null {
  const [left, right] = c.string('equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (terms.length !== c.inputs.length) return null;
  const sizes = new Map<string, number>();
  const ellipses: Dims[] = [];
  for (const [i, term] of terms.entries()) {
    const dims = c.dims(i);
    if (!dims) return null;
    const [before, after] = term.split('...');
    const hidden = dims.length - before.length - (after?.length ?? 0);
    if (hidden < 0 || (after === undefined && hidden > 0)) return null;
    [...before].forEach((letter, k) => {
      sizes.set(letter, dims[k]);
    });
    ellipses.push(dims.slice(before.length, before.length + hidden));
    [...(after ?? '')].forEach((letter, k) => {
      sizes.set(letter, dims[before.length + hidden + k]);
    });
  }
  const shared = broadcast(ellipses);
  if (!shared) return null;
  const [before, after = ''] = (right ?? implicitOutput(left)).split('...');
  const hasEllipsis = (right ?? left).includes('...');
  const sizeOf = (letter: string): number => sizes.get(letter) ?? Number.NaN;
  return [...[...before].map(sizeOf), ...(hasEllipsis ? shared : []), ...[...after].map(sizeOf)];
}

function implicitOutput(left: string): string {
  const letters = [...left].filter((letter) => letter !== ',' && letter !== '.');
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return (left.includes('...') ? '...' : '') + once.join('');
}
