// Which tokens of an image model are places of the image: the patch embedding's map against the tokens.

import type { Analysis } from './analysis.ts';
import type { AnyLayout } from './layouts.ts';
import type { Dims } from './shapes/value.ts';

export interface TokenGrid {
  /** Tokens before the places: CLS, registers. */
  prefix: number;
  /** Height and width in tokens; null if it varies with the input. */
  grid: [number, number] | null;
}

/** Models have at most a CLS token and a few registers. */
const MAX_PREFIX = 16;
/** Each merge of patches halves both sides (Swin has three). */
const MAX_MERGES = 5;

/**
 * A function that gives the grid of tokens [N, T, C]: T = H·W + prefix, with [H, W] of the last map before
 * the first tokens; or T = (H/2ˢ)·(W/2ˢ) where patches were merged. null where neither holds.
 */
export function tokenGrid(
  analysis: Analysis,
  layouts: ReadonlyMap<string, AnyLayout>,
): (tensor: string) => TokenGrid | null {
  const { shapes } = analysis;
  const sides = embeddingMap(analysis, layouts);
  return (tensor) => {
    const tokens = shapes.dimsAtPins(tensor)?.map((dims) => dims[1]);
    if (!sides || !tokens || tokens.length !== sides.length) return null;
    for (let merges = 0; merges <= MAX_MERGES; merges++) {
      const merged = sides.map(([h, w]) => [h / 2 ** merges, w / 2 ** merges] as const);
      const [prefix, ...others] = tokens.map((t, i) => t - merged[i][0] * merged[i][1]);
      const possible = merges === 0 ? prefix >= 0 && prefix <= MAX_PREFIX : prefix === 0;
      if (!possible || others.some((p) => p !== prefix)) continue;
      const [[h, w]] = merged;
      const isFixed = merged.every((side) => side[0] === h && side[1] === w);
      return { prefix, grid: isFixed ? [h, w] : null };
    }
    return null;
  };
}

/** Height and width, at each pin, of the last map before the first tokens. */
function embeddingMap(
  analysis: Analysis,
  layouts: ReadonlyMap<string, AnyLayout>,
): [number, number][] | null {
  let last: { dims: Dims[]; axis: number } | null = null;
  for (const node of analysis.path.nodes) {
    for (const name of node.output) {
      const layout = layouts.get(name);
      if (layout === 'NTC') return last?.dims.map((d) => [d[last!.axis], d[last!.axis + 1]]) ?? null;
      if (layout !== 'NCHW' && layout !== 'NHWC') continue;
      const dims = analysis.shapes.dimsAtPins(name);
      if (dims) last = { dims, axis: layout === 'NCHW' ? 2 : 1 };
    }
  }
  return null;
}
