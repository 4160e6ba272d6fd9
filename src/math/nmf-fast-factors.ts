// U and W of the fast solver in the kernels' memory, with what its steps need beside them.
//
// Notation: U [n, r], W [r, p] the iterate; V, Y extrapolated U and W, where a step starts from; H = VᵀV,
// M = VᵀA what the step on W needs; G = Y Yᵀ what the step on U needs. U and V are stored transposed, chunk by chunk.

import type { Engine } from './kernels/engine.ts';
import { type Cut, type Panels, rowsOf } from './kernels/panels.ts';
import type { Pace } from './pace.ts';

/** A small symmetric matrix as coordinate descent reads it. */
export interface Gram {
  /** float64 [r, r] */
  exact: number;
  /** float32 [r, r] */
  narrow: number;
  /** 1 / G_tt, 0 for an empty concept; float32 [r] */
  inverse: number;
}

/** Addresses in the kernels' memory. */
export interface FastFactors {
  r: number;
  cut: Cut;
  /** Uᵀ and Vᵀ by chunks, each float32 [r, chunkRows]. */
  U: number[];
  V: number[];
  /** float32 [r, stride]: W, its extrapolation, and the newest one, which is W after the step. */
  W: number;
  Y: number;
  next: number;
  /** U and W as the last steps on the sketch left them (momentum between steps on A). */
  lastU: number[];
  lastW: number;
  G: Gram;
  H: Gram;
  /** float64 [r, width] */
  M: number;
}

export function placeFactors(engine: Engine, cut: Cut, r: number): FastFactors {
  const panelBytes = r * cut.chunkRows * 4;
  const chunks = (): number[] => {
    const start = engine.place(cut.chunks * panelBytes);
    return Array.from({ length: cut.chunks }, (_, c) => start + c * panelBytes);
  };
  const bank = (): number => engine.place(r * cut.stride * 4);
  return {
    r,
    cut,
    U: chunks(),
    V: chunks(),
    W: bank(),
    Y: bank(),
    next: bank(),
    lastU: chunks(),
    lastW: bank(),
    G: placeGram(engine, r),
    H: placeGram(engine, r),
    M: engine.place(r * cut.width * 8),
  };
}

export function placeGram(engine: Engine, r: number): Gram {
  return { exact: engine.place(r * r * 8), narrow: engine.place(r * r * 4), inverse: engine.place(r * 4) };
}

/** Scratch that every pass with r concepts gets by with. */
export function scratchBytes(r: number): number {
  return r * (48 * 16 + 64) + 1024;
}

/** `gram.exact` ← X Xᵀ of X float32 [r, stride] over `width` columns. */
export function gramOf(engine: Engine, x: number, cut: Cut, r: number, gram: Gram): void {
  engine.f64(gram.exact, r * r).fill(0);
  engine.kernels.addGram(x, cut.stride, cut.width, r, gram.exact);
  narrow(engine, gram, r);
}

/** Fills what coordinate descent reads from `gram.exact`. */
export function narrow(engine: Engine, gram: Gram, r: number): void {
  const exact = engine.f64(gram.exact, r * r);
  engine.f32(gram.narrow, r * r).set(exact);
  const inverse = engine.f32(gram.inverse, r);
  for (let t = 0; t < r; t++) inverse[t] = exact[t * r + t] > 0 ? 1 / exact[t * r + t] : 0;
}

/** Column j of U from `values` [n], `fill` for its zeros; `panels` are the chunks of Uᵀ. */
export function putColumn(
  engine: Engine,
  { cut }: FastFactors,
  panels: number[],
  j: number,
  values: Float64Array,
  fill: number,
): void {
  for (let c = 0; c < cut.chunks; c++) {
    const rows = rowsOf(cut, c);
    const column = engine.f32(panels[c] + j * cut.chunkRows * 4, rows);
    for (let i = 0; i < rows; i++) column[i] = values[c * cut.chunkRows + i] || fill;
  }
}

/** Places for the partial sums of the chunks of a group: [rows, width] and [rows, rows], float64. */
export interface Partials {
  wide: number[];
  square: number[];
  rows: number;
  width: number;
}

export function placePartials(engine: Engine, rows: number, width: number, groupSize: number): Partials {
  const slots = (bytes: number): number[] => Array.from({ length: groupSize }, () => engine.place(bytes));
  return { wide: slots(rows * width * 8), square: slots(rows * rows * 8), rows, width };
}

/** Which chunk, where it stands, how many rows it has, and its place for partial sums. */
export interface ChunkCall {
  c: number;
  address: number;
  rows: number;
  wide: number;
  square: number;
}

/**
 * Runs a kernel on every chunk and adds up what the chunks leave in their places, in the order of the
 * chunks whatever the threads do, in `wide` and `square` (0 for none).
 *
 * @returns Σ of the kernel's values.
 */
export async function passOver(
  engine: Engine,
  panels: Panels,
  name: 'descentPass' | 'sketchPass' | 'foldPass' | 'outerPass' | 'residualPass',
  argumentsOf: (call: ChunkCall) => number[],
  partials: Partials,
  totals: { wide: number; square: number },
  pace: Pace,
): Promise<number> {
  const { rows: r, width } = partials;
  if (totals.wide) engine.f64(totals.wide, r * width).fill(0);
  if (totals.square) engine.f64(totals.square, r * r).fill(0);
  let value = 0;
  for await (const { first, addresses } of panels.groups()) {
    const calls = addresses.map((address, k) =>
      argumentsOf({
        c: first + k,
        address,
        rows: rowsOf(panels, first + k),
        wide: partials.wide[k],
        square: partials.square[k],
      }),
    );
    for (const v of await engine.run(name, calls, pace)) value += v ?? 0;
    addPartials(engine, partials, addresses.length, totals);
  }
  return value;
}

/** Adds the first `count` partial sums to the totals, in order. */
export function addPartials(
  engine: Engine,
  { wide, square, rows: r, width }: Partials,
  count: number,
  totals: { wide: number; square: number },
): void {
  for (let k = 0; k < count; k++) {
    if (totals.wide) engine.kernels.add(totals.wide, wide[k], r * width, 1);
    if (totals.square) engine.kernels.add(totals.square, square[k], r * r, 1);
  }
}
