// Concept maps to pixels: each concept a tint whose alpha follows its value, its strongest tenth outlined.

/** One concept's map and colour. */
export interface Layer {
  /** Shape [h · w], 0 … 255. */
  values: Uint8Array;
  colour: readonly [number, number, number];
  /** Value where the strongest tenth begins; above 255 for none. */
  strong: number;
}

/** Below this a value is not drawn: a veil over the whole image says nothing. */
const FLOOR = 16;
const OUTLINE = 0.95;

/**
 * Draws the layers over each other, none on top: alphas join as 1 − Π(1 − α), colours mix by their alpha.
 *
 * @param scale - pixels a cell, a whole number.
 * @param smooth - bilinear between the centres of cells (align_corners = false); else each cell is one block.
 * @returns RGBA, shape [h · scale, w · scale, 4], not premultiplied.
 */
export function paint(
  layers: readonly Layer[],
  h: number,
  w: number,
  scale: number,
  smooth: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const H = h * scale;
  const W = w * scale;
  const clear = new Float32Array(H * W).fill(1); // Π(1 − α)
  const weight = new Float32Array(H * W);
  const mixed = new Float32Array(H * W * 3);
  for (const { values, colour, strong } of layers) {
    const grown = smooth ? enlarge(values, h, w, scale) : repeat(values, h, w, scale);
    for (let i = 0; i < grown.length; i++) {
      const alpha = isEdge(grown, i, W, strong) ? OUTLINE : tint(grown[i], strong);
      if (alpha === 0) continue;
      clear[i] *= 1 - alpha;
      weight[i] += alpha;
      for (let c = 0; c < 3; c++) mixed[3 * i + c] += alpha * colour[c];
    }
  }
  const pixels = new Uint8ClampedArray(H * W * 4);
  for (let i = 0; i < weight.length; i++) {
    if (weight[i] === 0) continue;
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = mixed[3 * i + c] / weight[i];
    pixels[4 * i + 3] = 255 * (1 - clear[i]);
  }
  return pixels;
}

function tint(value: number, strong: number): number {
  if (value < FLOOR) return 0;
  const share = (value - FLOOR) / (255 - FLOOR);
  return value >= strong ? 0.45 + 0.3 * share : 0.5 * share;
}

/** Whether a pixel is in the strongest tenth and a neighbour is not: the line stands inside. */
function isEdge(values: Float32Array, i: number, W: number, strong: number): boolean {
  if (values[i] < strong) return false;
  const column = i % W;
  return (
    (column > 0 && values[i - 1] < strong) ||
    (column < W - 1 && values[i + 1] < strong) ||
    (i >= W && values[i - W] < strong) ||
    (i + W < values.length && values[i + W] < strong)
  );
}

function repeat(values: Uint8Array, h: number, w: number, scale: number): Float32Array {
  const W = w * scale;
  const grown = new Float32Array(h * scale * W);
  for (let y = 0; y < h * scale; y++) {
    const row = Math.floor(y / scale) * w;
    for (let x = 0; x < W; x++) grown[y * W + x] = values[row + Math.floor(x / scale)];
  }
  return grown;
}

function enlarge(values: Uint8Array, h: number, w: number, scale: number): Float32Array {
  const W = w * scale;
  const columns = stops(w, scale);
  const rows = stops(h, scale);
  const grown = new Float32Array(h * scale * W);
  for (let y = 0; y < rows.length; y++) {
    const { low: top, high: bottom, part: down } = rows[y];
    for (let x = 0; x < W; x++) {
      const { low, high, part } = columns[x];
      const above = values[top * w + low] * (1 - part) + values[top * w + high] * part;
      const below = values[bottom * w + low] * (1 - part) + values[bottom * w + high] * part;
      grown[y * W + x] = above * (1 - down) + below * down;
    }
  }
  return grown;
}

/** For each of n · scale pixels: the two cells between whose centres it lies, and how far along. */
function stops(n: number, scale: number): { low: number; high: number; part: number }[] {
  return Array.from({ length: n * scale }, (_, i) => {
    const at = Math.min(n - 1, Math.max(0, (i + 0.5) / scale - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(n - 1, low + 1), part: at - low };
  });
}
