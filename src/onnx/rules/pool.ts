// Gradients of pools.

import type { GradCall, Gradients } from '../differentiate-call.ts';
import { reshapeLike, span } from '../differentiate-shapes.ts';
import { shareAmongEqual } from './reduce.ts';
import { meanLike } from './whole-maps.ts';
import { isPlain, plainPads, reachOf, transposedSlide, type Window, windowOf } from './window.ts';

export function GlobalAveragePool(c: GradCall): Gradients {
  return [meanLike(c, c.g, c.x, span(2, c.rank(c.x)))];
}

export function GlobalMaxPool(c: GradCall): Gradients {
  return [shareAmongEqual(c, span(2, c.rank(c.x)), c.g, c.y)];
}

/** The index of each maximum among the elements of x says where g goes. */
export function MaxPool(c: GradCall): Gradients {
  const { b, g, x } = c;
  if (c.int('storage_order', 0) !== 0) throw c.unsupported('storage_order 1');
  const zeros = b.filled(b.reshape(b.op('Size', [x]), [1]));
  const indices = b.reshape(c.forwardOutput(1), [-1]);
  const flat = b.op('ScatterElements', [zeros, indices, b.reshape(g, [-1])], { axis: 0, reduction: 'add' });
  return [reshapeLike(c, flat, x)];
}

/** Every element of a window gets its share of g: the transposed slide of a kernel of ones. */
export function AveragePool(c: GradCall): Gradients {
  const { b, x, y } = c;
  const kernel = c.ints('kernel_shape') ?? [];
  const window = windowOf(c, kernel, x, y);
  const k = kernel.length;
  const share = b.div(c.g, elementsPerWindow(c, window));
  // all maps alike: [N · C, 1, …]
  const maps = b.op('Reshape', [share, b.concat([b.ints([-1, 1]), spatialSizes(c, y, k)], 0)]);
  const ones = b.filled(b.ints([1, 1, ...kernel]), 1);
  const summed = isPlain(window)
    ? b.op('Conv', [maps, ones], {
        kernel_shape: kernel,
        dilations: window.dilations,
        pads: plainPads(window),
      })
    : transposedSlide(c, maps, ones, window, 1, x);
  return [reshapeLike(c, summed, x)];
}

function spatialSizes(c: GradCall, t: string, k: number): string {
  const dims = c.dims(t)?.slice(2);
  if (dims?.every((d) => typeof d === 'number')) return c.b.ints(dims);
  return c.b.op('Slice', [c.b.shapeOf(t), c.b.ints([2]), c.b.ints([k + 2])]);
}

/** How many elements the mean of each window is over; constant, where sizes are fixed. */
function elementsPerWindow(c: GradCall, w: Window): string {
  const { b, x } = c;
  const k = w.kernel.length;
  const all = w.kernel.reduce((n, size) => n * size, 1);
  const isCeil = c.int('ceil_mode', 0) === 1;
  const countsPads = c.int('count_include_pad', 0) === 1;
  if (!isCeil && (countsPads || w.pads.every((p) => p === 0))) return b.float(all);

  let counted = b.filled(b.concat([b.ints([1, 1]), spatialSizes(c, x, k)], 0), 1);
  const [before, after] = [w.pads.slice(0, k), w.pads.slice(k)];
  if (countsPads) {
    counted = b.op('Pad', [counted, b.ints([0, 0, ...before, 0, 0, ...after]), b.float(1)]);
  }
  const pads = countsPads ? w.pads.map(() => 0) : [...w.pads];
  if (isCeil) {
    // the last window may end after the pads
    for (let i = 0; i < k; i++) {
      const [X, Y] = [c.size(x, i + 2), c.size(c.y, i + 2)];
      if (X === null || Y === null) throw c.unsupported('ceil_mode and a free size');
      const end = (Y - 1) * w.strides[i] + reachOf(w, i) - X - before[i];
      pads[k + i] = Math.max(0, countsPads ? end - after[i] : end);
    }
  }
  const ones = b.filled(b.ints([1, 1, ...w.kernel]), 1);
  return b.op('Conv', [counted, ones], {
    kernel_shape: w.kernel,
    strides: w.strides,
    dilations: w.dilations,
    pads,
  });
}
