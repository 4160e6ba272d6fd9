// Shapes of ops that work element by element.

import { broadcast, type Call, type Dims } from './value.ts';

/** The output has the shape of the first input. */
export function same(c: Call): Dims | null {
  return c.dims(0);
}

/** The output has the shape of all inputs broadcast to each other. */
export function broadcasting(c: Call): Dims | null {
  const shapes = c.inputs.map((_, i) => c.dims(i));
  return shapes.every((s) => s !== null) ? broadcast(shapes) : null;
}

/** Add, Sub, Mul, Div, Pow …: before version 7 the right side was fitted to the left at `axis`. */
export function arithmetic(c: Call): Dims | null {
  return c.opset < 7 ? same(c) : broadcasting(c);
}
