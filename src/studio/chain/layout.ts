// Where the valid cuts of a model stand in its picture: slabs from the input on the left to the scores on the
// right, as high as the map's grid and as wide as it has channels.

import type { LayerInfo } from '../../onnx/layer.ts';

/** One cut in the picture, in its units. */
export interface Slab {
  readonly layer: LayerInfo;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Middle of its column, for the texts. */
  readonly centre: number;
}

export const COLUMN = 64;
export const MIDDLE = 92;
const TALLEST = 104;
const LOWEST = 14;
const WIDEST = 34;
const NARROWEST = 8;
/** More cuts than this are drawn only on demand. */
const MOST = 20;
/** Cuts nearest to the scores, which are looked at first. */
const LAST = 8;

/** The cuts to draw: all, or where the shape changes, those near the end, and the one that is chosen or suggested. */
export function shownLayers(
  layers: readonly LayerInfo[],
  always: readonly (string | null)[],
  all: boolean,
): readonly LayerInfo[] {
  if (all || layers.length <= MOST) return layers;
  const isLastOfShape = (k: number): boolean => gridOf(layers[k]) !== gridOf(layers[k + 1]);
  const main = layers.filter(
    (layer, k) => always.includes(layer.tensor) || k >= layers.length - LAST || isLastOfShape(k),
  );
  const spare = main.length - MOST;
  return spare <= 0 ? main : main.filter((layer, k) => k >= spare || always.includes(layer.tensor));
}

export function slabsOf(layers: readonly LayerInfo[]): Slab[] {
  const sides = layers.map(({ grid }) => (grid ? Math.sqrt(grid[0] * grid[1]) : 0));
  const widths = layers.map(channelsOf);
  const [tallest, widest] = [Math.max(1, ...sides), Math.max(2, ...widths)];
  return layers.map((layer, k) => {
    const height = LOWEST + (TALLEST - LOWEST) * Math.sqrt(sides[k] / tallest);
    const width = NARROWEST + (WIDEST - NARROWEST) * (Math.log(Math.max(1, widths[k])) / Math.log(widest));
    const centre = COLUMN * (k + 1.5);
    return { layer, centre, width, height, x: centre - width / 2, y: MIDDLE - height / 2 };
  });
}

/** Channels of a map, width of tokens or of a vector; 1 if it is not known. */
export function channelsOf({ shape, layout }: LayerInfo): number {
  const at = layout === 'NCHW' ? 1 : shape.length - 1;
  const dim = shape[at];
  return typeof dim === 'number' ? dim : 1;
}

/** The shape of one input's latent, `512 × 7 × 7`. */
export function shapeText({ shape }: LayerInfo): string {
  return (
    shape
      .slice(1)
      .map((d) => d ?? '?')
      .join(' × ') || '?'
  );
}

/** The name a person knows it by. */
export function layerName({ module, name, tensor }: LayerInfo): string {
  return module || name || tensor;
}

function gridOf(layer: LayerInfo | undefined): string {
  return layer?.grid?.join() ?? 'none';
}
