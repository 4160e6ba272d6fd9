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
const OUTLINE = 0.9;
/** Weight of an outline in the mix: a tint across it does not change its colour to the eye. */
const OUTLINE_PULL = 12;
/** Outer side of the outline: the inner one has the concept's colour, so that one of them stands out on any image. */
const WHITE = [255, 255, 255] as const;

/**
 * Draws the layers over each other, none on top: alphas join as 1 − Π(1 − α), colours mix by α², so that the
 * stronger concept shows.
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
  const W = w * scale;
  const mix: Mix = {
    sums: new Float32Array(h * scale * W * 4),
    clear: new Float32Array(h * scale * W).fill(1),
  };
  const reach = Math.max(1, Math.round(W / 160)); // width of each side of the outline
  const step = smooth ? (255 * reach) / scale : 255; // a value changes by no more over `reach` pixels
  for (const layer of layers) {
    const { values } = layer;
    if (!values.some((v) => v >= FLOOR)) continue;
    const grown = smooth ? enlarge(values, h, w, scale) : repeat(values, h, w, scale);
    add(mix, layer, grown, W, reach, step);
  }
  return pixelsOf(mix);
}

/** What the layers so far add up to. */
interface Mix {
  /** For each pixel Σ pull · (red, green, blue, 1). */
  sums: Float32Array;
  /** Π(1 − α). */
  clear: Float32Array;
}

function add(
  { sums, clear }: Mix,
  layer: Layer,
  grown: Float32Array,
  W: number,
  reach: number,
  step: number,
): void {
  const { strong, colour } = layer;
  const tints = Float32Array.from({ length: 256 }, (_, value) => tint(value, strong));
  for (let i = 0; i < grown.length; i++) {
    const value = grown[i];
    const side = value > strong + step || value < strong - step ? 0 : borderSide(grown, i, W, strong, reach);
    const alpha = side === 0 ? tints[value | 0] : OUTLINE;
    if (alpha === 0) continue;
    const ink = side < 0 ? WHITE : colour;
    const pull = side === 0 ? alpha * alpha : OUTLINE_PULL;
    clear[i] *= 1 - alpha;
    sums[4 * i] += pull * ink[0];
    sums[4 * i + 1] += pull * ink[1];
    sums[4 * i + 2] += pull * ink[2];
    sums[4 * i + 3] += pull;
  }
}

function pixelsOf({ sums, clear }: Mix): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(sums.length);
  for (let i = 0; i < sums.length; i += 4) {
    const weight = sums[i + 3];
    if (weight === 0) continue;
    pixels[i] = sums[i] / weight;
    pixels[i + 1] = sums[i + 1] / weight;
    pixels[i + 2] = sums[i + 2] / weight;
    pixels[i + 3] = 255 * (1 - clear[i >> 2]);
  }
  return pixels;
}

function tint(value: number, strong: number): number {
  if (value < FLOOR) return 0;
  const share = (value - FLOOR) / (255 - FLOOR);
  return value >= strong ? 0.4 + 0.25 * share : 0.06 + 0.5 * share ** 1.5;
}

/** 1 on the inner side of the strongest tenth's border, −1 on its outer side, 0 elsewhere; `reach` pixels wide. */
function borderSide(values: Float32Array, i: number, W: number, strong: number, reach: number): number {
  const inside = values[i] >= strong;
  const column = i % W;
  const rows = reach * W;
  const crosses =
    (column >= reach && values[i - reach] >= strong !== inside) ||
    (column < W - reach && values[i + reach] >= strong !== inside) ||
    (i >= rows && values[i - rows] >= strong !== inside) ||
    (i + rows < values.length && values[i + rows] >= strong !== inside);
  return crosses ? (inside ? 1 : -1) : 0;
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
  const row = new Float32Array(w); // one row of cells, between the two rows that a row of pixels lies between
  for (let y = 0; y < h * scale; y++) {
    const top = rows.low[y] * w;
    const bottom = rows.high[y] * w;
    for (let x = 0; x < w; x++) row[x] = between(values[top + x], values[bottom + x], rows.part[y]);
    for (let x = 0; x < W; x++)
      grown[y * W + x] = between(row[columns.low[x]], row[columns.high[x]], columns.part[x]);
  }
  return grown;
}

const between = (a: number, b: number, part: number): number => a + (b - a) * part;

/** For each of n · scale pixels: the two cells between whose centres it lies, and how far along. */
function stops(n: number, scale: number): { low: Uint16Array; high: Uint16Array; part: Float32Array } {
  const low = new Uint16Array(n * scale);
  const high = new Uint16Array(n * scale);
  const part = new Float32Array(n * scale);
  for (let i = 0; i < low.length; i++) {
    const at = Math.min(n - 1, Math.max(0, (i + 0.5) / scale - 0.5));
    low[i] = Math.floor(at);
    high[i] = Math.min(n - 1, low[i] + 1);
    part[i] = at - low[i];
  }
  return { low, high, part };
}
