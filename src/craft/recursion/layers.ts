// Where a concept can be taken apart: earlier layers of the same model, one a block.

import type { LayerInfo } from '../../onnx/layer.ts';

/** A valid cut before the layer of the concepts, at the end of a block. */
export interface EarlierLayer {
  readonly tensor: string;
  /** Of the module or node that makes it. */
  readonly name: string;
  readonly op: string;
  /** Of the latent, N first; null where free. */
  readonly dims: readonly (number | null)[];
  /** Height and width of its map or of its grid of tokens; null if it has none. */
  readonly grid: readonly [number, number] | null;
}

/** Ops that make no features of their own. */
const PASSING = new Set('Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Slice'.split(' '));
/** Fewer groups of names than this tell no blocks apart. */
const FEW_BLOCKS = 3;

/**
 * The ends of the blocks before a layer, nearest first. The names of modules or nodes are paths
 * (`features.17.conv.2`, `MobilenetV2/expanded_conv_16/add`); a block is what shares the shortest beginning
 * that makes at least three groups of the model's maps, and its end is its last cut. The block that the layer
 * itself is in is left out: what is before it there differs by an activation or a norm. So are a map that
 * the layer is only the mean of, and what only moves values.
 *
 * @param layers - valid cuts in the order of the graph, as inspectModel gives them.
 * @param tensor - of the layer of the concepts.
 */
export function earlierLayers(layers: readonly LayerInfo[], tensor: string): EarlierLayer[] {
  const at = layers.findIndex((layer) => layer.tensor === tensor);
  if (at < 0) return [];
  const own = layers[at];
  const scopeOf = scopesOf(layers);
  const ends = new Map<string, LayerInfo>(); // a later cut of a block replaces an earlier one
  for (const layer of layers.slice(0, at)) {
    if (!PASSING.has(layer.op) && layer.layout !== null) ends.set(scopeOf(layer), layer);
  }
  ends.delete(scopeOf(own));
  return [...ends.values()]
    .filter((layer) => !(own.layout === 'NC' && layer.pooledAfter))
    .sort((a, b) => layers.indexOf(b) - layers.indexOf(a))
    .map(({ tensor, module, name, op, shape, grid }) => ({
      tensor,
      name: module || name || tensor,
      op,
      dims: shape.map((d) => (typeof d === 'number' ? d : null)),
      grid,
    }));
}

/** The block that a layer is in, as the beginning of its path; what comes after the maps has paths of its own. */
function scopesOf(layers: readonly LayerInfo[]): (layer: LayerInfo) => string {
  const maps = layers.filter(({ grid }) => grid !== null);
  const named = maps.length > 0 ? maps : layers;
  const deepest = named.reduce((most, layer) => Math.max(most, pathOf(layer).length), 1);
  for (let depth = 1; depth < deepest; depth++) {
    const scope = (layer: LayerInfo): string => pathOf(layer).slice(0, depth).join('/');
    if (new Set(named.map(scope)).size >= FEW_BLOCKS) return scope;
  }
  return (layer) => layer.tensor;
}

const pathOf = ({ module, name, tensor }: LayerInfo): string[] =>
  (module || name || tensor).split(/[./]/).filter(Boolean);

/**
 * The few of them that are tried: the last of each size of map, as what a network tells apart changes most
 * from one to the next, and then the nearest; in their order.
 */
export function layersToTry(earlier: readonly EarlierLayer[], most: number): EarlierLayer[] {
  const sizes = new Set<string>();
  const isLastOfSize = ({ grid }: EarlierLayer): boolean => {
    const size = String(grid);
    return !sizes.has(size) && Boolean(sizes.add(size));
  };
  const ends = earlier.filter(isLastOfSize);
  const chosen = new Set(ends.slice(0, most));
  for (const layer of earlier) if (chosen.size < most) chosen.add(layer);
  return earlier.filter((layer) => chosen.has(layer));
}
