// Gradient of Resize. It is linear and separable: along one axis y = M · x, so ∂x = Mᵀ · g. M is Resize itself,
// applied to the identity matrix, so it is the runtime's own for every mode.

import { hasAttribute } from '../attributes.ts';
import type { GradCall, Gradients } from '../differentiate-call.ts';
import { span } from '../differentiate-shapes.ts';
import { DataType } from '../proto/constants.ts';
import { sumOverMap } from './whole-maps.ts';

export function Resize(c: GradCall): Gradients {
  const { x } = c;
  const rank = c.rank(x);
  if (c.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize')
    throw c.unsupported('mode tf_crop_and_resize');
  if (c.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw c.unsupported('a kept aspect ratio');
  const given = c.ints('axes')?.map((a) => c.axis(a, rank)) ?? span(0, rank);
  if (isRepeated(c)) return [sumOverMap(c)];
  let { g } = c;
  for (const [i, axis] of given.entries()) {
    if (isKept(c, axis, i)) continue;
    g = alongAxis(c, g, matrix(c, axis, i), axis, rank);
  }
  return [g];
}

/** Whether the maps of x [N, C, 1, 1] are one number each, which is repeated. */
function isRepeated(c: GradCall): boolean {
  const [before, after] = [c.dims(c.x), c.dims(c.y)];
  if (before?.length !== 4 || String(before.slice(2)) !== '1,1') return false;
  return [0, 1].every((axis) => isKept(c, axis, axis)) && after !== null;
}

/** Whether the size of the axis does not change. */
function isKept(c: GradCall, axis: number, i: number): boolean {
  const before = c.dimsAtPins(c.x)?.map((d) => d[axis]);
  const after = c.dimsAtPins(c.y)?.map((d) => d[axis]);
  const isSame = before !== undefined && String(before) === String(after);
  return isSame && (!c.has(2) || c.constant(2)?.[i] === 1);
}

/** M of one axis, [Y, X]; constant where sizes are fixed. */
function matrix(c: GradCall, axis: number, i: number): string {
  const { b, x, y } = c;
  const sizeOf = (t: string): string => {
    const size = c.size(t, axis);
    return size === null ? b.sizeOf(t, axis) : b.ints([size]);
  };
  const X = sizeOf(x);
  const square = b.filled(b.concat([X, X], 0));
  const identity = b.unsqueeze(b.op('EyeLike', [square], { dtype: DataType.FLOAT }), [0, 1]);
  const attributes = {
    mode: c.string('mode', 'nearest'),
    coordinate_transformation_mode: c.string('coordinate_transformation_mode', 'half_pixel'),
    nearest_mode: c.string('nearest_mode', 'round_prefer_floor'),
    cubic_coeff_a: { float: c.float('cubic_coeff_a', -0.75) },
    exclude_outside: c.int('exclude_outside', 0),
    ...(hasAttribute(c.node, 'antialias') ? { antialias: c.int('antialias', 0) } : {}),
  };
  const one = b.float(1);
  let resized: string;
  if (c.has(2)) {
    // scales of [1, 1, axis, 1]: coordinates follow from the scale as given, not from the sizes
    const scale = b.op('Slice', [c.input(2), b.ints([i]), b.ints([i + 1])]);
    const ones = b.unsqueeze(one, [0]);
    resized = b.op('Resize', [identity, '', b.concat([ones, ones, scale, ones], 0)], attributes);
  } else {
    const sizes = b.concat([b.ints([1, 1]), sizeOf(y), X], 0);
    resized = b.op('Resize', [identity, '', '', sizes], attributes);
  }
  return b.op('Squeeze', [resized, b.ints([0, 1])]);
}

function alongAxis(c: GradCall, g: string, M: string, axis: number, rank: number): string {
  const { b } = c;
  if (axis === rank - 1) return b.op('MatMul', [g, M]);
  if (axis === rank - 2) return b.op('MatMul', [b.transpose(M, [1, 0]), g]);
  const perm = span(0, rank);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  return b.transpose(b.op('MatMul', [b.transpose(g, perm), M]), perm);
}
