// Gradients straight through rounding, 0 where the number of bits saturates.
//
// Notation: q = saturate(round(x / s) + z), x' = (q − z) · s. A gradient with respect to q is that of a real q.

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { span } from '../differentiate-shapes.ts';
import { DataType } from '../proto/constants.ts';

const RANGES: Record<number, [number, number] | undefined> = {
  [DataType.UINT8]: [0, 255],
  [DataType.INT8]: [-128, 127],
  [DataType.UINT16]: [0, 65535],
  [DataType.INT16]: [-32768, 32767],
};

export function QuantizeLinear(c: GradCall): Gradients {
  const { b, g, x } = c;
  const type = c.typeOf(c.y);
  const range = RANGES[type];
  if (!range) throw c.unsupported(`output of type ${type}`);
  const scale = onAxis(c, c.input(1));
  const real = b.div(x, scale);
  const q = c.has(2) ? b.add(real, zeroPoint(c)) : real;
  const isInside = b.op('And', [
    b.op('Greater', [q, b.float(range[0] - 0.5)]),
    b.op('Less', [q, b.float(range[1] + 0.5)]),
  ]);
  return [b.masked(isInside, b.div(g, scale))];
}

export function DequantizeLinear(c: GradCall): Gradients {
  return [c.b.mul(c.g, onAxis(c, c.input(1)))];
}

function zeroPoint(c: GradCall): string {
  return onAxis(c, c.b.op('Cast', [c.input(2)], { to: DataType.FLOAT }), c.input(2));
}

/** A scalar as it is; one for each place of the axis as [1, …, n, …, 1]. */
function onAxis(c: GradCall, t: string, sized = t): string {
  if (c.int('block_size', 0) !== 0) throw c.unsupported('blocks');
  if (c.rank(sized) === 0 || c.size(sized, 0) === 1) return c.b.reshape(t, []);
  const rank = c.rank(c.x);
  const axis = c.axis(c.int('axis', 1), rank);
  return c.b.reshape(
    t,
    span(0, rank).map((i) => (i === axis ? -1 : 1)),
  );
}
