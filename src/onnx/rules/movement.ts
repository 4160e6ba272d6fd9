// Gradients of ops that move elements and compute nothing.

import type { GradCall, Gradients, GradRule } from '../differentiate-call.ts';
import { reshapeLike, scatterPicked, span, sumTo } from '../differentiate-shapes.ts';

const sameElements: GradRule = (c) => [reshapeLike(c, c.g, c.x)];

export const Reshape = sameElements;
export const Flatten = sameElements;
export const Squeeze = sameElements;
export const Unsqueeze = sameElements;

export const Identity: GradRule = (c) => [c.g];

/** The identity, as inference has it. */
export function Dropout(c: GradCall): Gradients {
  const dropsNone = c.has(1) && c.constant(1)?.[0] === 0;
  if (c.has(2) && !dropsNone && c.constant(2)?.[0] !== 0) throw c.unsupported('a training mode');
  return [c.g];
}

export function Cast(c: GradCall): Gradients {
  const type = c.typeOf(c.x);
  return [type === c.typeOf(c.y) ? c.g : c.b.op('Cast', [c.g], { to: type })];
}

export function Transpose(c: GradCall): Gradients {
  const rank = c.rank(c.x);
  const perm = c.ints('perm') ?? span(0, rank).reverse();
  return [
    c.b.transpose(
      c.g,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ];
}

export const Expand: GradRule = (c) => [sumTo(c, c.g, c.x)];

export function Tile(c: GradCall): Gradients {
  return [scatterPicked(c, c.g, c.x, (at) => c.b.op('Tile', [at, c.input(1)]))];
}

export function Concat(c: GradCall): Gradients {
  const { b } = c;
  const axis = c.axis(c.int('axis', 0), c.rank(c.y));
  const sizes = c.node.input.map((x) => c.size(x, axis));
  let start: string | null = null;
  let offset = 0;
  return c.node.input.map((x, i) => {
    const size = sizes[i];
    // once a size is free, offsets are computed when the model runs
    const from: string = start ?? b.ints([offset]);
    const isFixed = start === null && size !== null;
    const to = isFixed ? b.ints([offset + size]) : b.add(from, b.sizeOf(x, axis));
    if (isFixed) offset += size;
    else start = to;
    return c.needs(i) ? b.op('Slice', [c.g, from, to, b.ints([axis])]) : null;
  });
}

export function Split(c: GradCall): Gradients {
  const parts = c.node.output.map((y, i) => c.gradients[i] ?? c.b.zerosLike(y));
  return [c.b.concat(parts, c.int('axis', 0))];
}

/** Pad with what the constant mode adds taken off again; other modes repeat elements of x. */
export function Pad(c: GradCall): Gradients {
  const { b, g, x } = c;
  const pads = c.input(1);
  const axes = c.has(3) ? [c.input(3)] : [];
  const mode = c.string('mode', 'constant');
  if (mode === 'constant') return [b.op('Pad', [g, b.neg(pads), '', ...axes])];
  return [scatterPicked(c, g, x, (at) => b.op('Pad', [at, pads, '', ...axes], { mode }))];
}

export function CumSum(c: GradCall): Gradients {
  const reverse = c.int('reverse', 0) ? 0 : 1;
  return [c.b.op('CumSum', [c.g, c.input(1)], { exclusive: c.int('exclusive', 0), reverse })];
}

export function Trilu(c: GradCall): Gradients {
  const diagonal = c.has(1) ? [c.input(1)] : [];
  return [c.b.op('Trilu', [c.g, ...diagonal], { upper: c.int('upper', 1) })];
}

export function SpaceToDepth(c: GradCall): Gradients {
  return [c.b.op('DepthToSpace', [c.g], { blocksize: c.int('blocksize', 1), mode: 'DCR' })];
}

export function DepthToSpace(c: GradCall): Gradients {
  const { b, g } = c;
  const blocksize = c.int('blocksize', 1);
  const deep = b.op('SpaceToDepth', [g], { blocksize });
  if (c.string('mode', 'DCR') === 'DCR') return [deep];
  // SpaceToDepth has the block before the channels [s², C], the mode CRD after them [C, s²]
  const channels = c.size(c.y, 1);
  if (channels === null) throw c.unsupported('mode CRD and a free number of channels');
  const block = blocksize * blocksize;
  const split = b.op('Reshape', [deep, b.concat([b.sizeOf(deep, 0), b.ints([block, channels, -1])], 0)]);
  return [reshapeLike(c, b.transpose(split, [0, 2, 1, 3]), c.x)];
}
