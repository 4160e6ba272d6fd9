// A model cut at an earlier layer, ready to run.

import { CraftError } from '../../errors.ts';
import { Encoder } from '../encode.ts';
import type { FoldHead } from '../folded-head.ts';
import { Head } from '../head.ts';
import { type CraftOptions, type ResolvedOptions, resolveOptions } from '../options.ts';
import type { PartEncoder } from './latents-of.ts';
import { type EarlierLayer, layersToTry } from './layers.ts';

/** One earlier cut. */
export interface EarlierCut extends PartEncoder {
  /** As it was asked for. */
  readonly layer: string;
  /** What is known of it; where it was named by the user, its name. */
  readonly facts: EarlierLayer;
  /** For a Craft at this layer: what the parent was made with, and what belongs to the layer. */
  readonly options: CraftOptions;
  readonly resolved: ResolvedOptions;
  readonly head: Head | null;
  readonly foldHead: FoldHead | null;
}

/** How a Craft gets at the other layers of its model. */
type Layers = Pick<CraftOptions, 'at' | 'earlier'>;

/** What belongs to a layer, where nobody says. */
const ofLayer = {
  latentLayout: 'auto',
  prefixTokens: 0,
  reads: 'mean',
  affineHead: false,
  activations: null,
} as const;

/**
 * The model of a Craft, cut at the layer that is named, or at those of its earlier layers that are tried.
 *
 * @throws {@link CraftError} `STATE` if the Craft cannot be cut at other layers; what `at` throws.
 */
export async function cutsOf(
  layers: Layers,
  parent: ResolvedOptions,
  { layer, layersTried }: { layer?: string; layersTried: number },
): Promise<EarlierCut[]> {
  const { at, earlier = [] } = layers;
  if (!at) {
    throw new CraftError(
      'STATE',
      'decompose: expected a Craft that can be cut at earlier layers; got one without `at` – spread a loaded classifier into its options, or give `at(layer)` yourself',
    );
  }
  const names = layer === undefined ? layersToTry(earlier, layersTried).map(({ tensor }) => tensor) : [layer];
  const cuts: EarlierCut[] = [];
  for (const name of names) {
    const facts = earlier.find(({ tensor }) => tensor === name) ?? namedOnly(name);
    cuts.push(cutOf(facts, name, { ...parent, ...ofLayer, ...(await at(name)) }));
  }
  return cuts;
}

const namedOnly = (name: string): EarlierLayer => ({ tensor: name, name, op: '', dims: [], grid: null });

function cutOf(facts: EarlierLayer, layer: string, options: CraftOptions): EarlierCut {
  const resolved = resolveOptions(options);
  const h = options.latentToLogit;
  const space = options.activations ?? null;
  return {
    layer,
    facts,
    options,
    resolved,
    space,
    encoder: new Encoder((batch) => options.inputToLatent(batch), resolved, space),
    head: h ? new Head((latent) => h.call(options, latent)) : null,
    foldHead: options.foldHead ?? null,
  };
}
