// What an evaluation costs, before it runs.

import { EVALUATE_DEFAULTS } from './evaluate-settings.ts';
import type { MapMethod } from './map-options.ts';
import { resolveMapSettings } from './map-options.ts';
import { added, type Mapping, type Runs, runsOfMap, times } from './map-plan.ts';

/** What is tested; see EvaluateOptions. */
interface Tested {
  readonly methods: readonly MapMethod[];
  /** Of the explanation. */
  readonly images: number;
  readonly concepts: number;
  readonly seed: number;
  readonly mapping: Omit<Mapping, 'concepts' | 'isClass'>;
}

const MASKED: Runs = { encoder: 1, head: 1, gradients: 0 };
/** Random orders, and those by importance, gradient × activation and TCAV. */
const ORDERS = 23;

/** Most runs for testing maps: every concept is present in every image. */
export function mapTestRuns({ methods, images, concepts, seed, mapping }: Tested): Runs {
  const { steps, subsets } = EVALUATE_DEFAULTS;
  const K = Math.min(concepts, EVALUATE_DEFAULTS.concepts);
  const tested = Math.min(images, EVALUATE_DEFAULTS.images);
  const curves = times(2 * (steps - 1), { encoder: 1, head: 1, gradients: 0 });
  const settings = resolveMapSettings({}, seed);
  const of = (method: MapMethod) => ({ ...mapping, concepts: K, isClass: method !== 'latent' });
  const perImage = methods.flatMap((method) => [
    runsOfMap(method, settings, of(method)),
    times(K + (method === 'latent' ? 0 : 1), curves),
  ]);
  const shared = times(2 + subsets, MASKED); // the image, the baseline, every subset
  const latent = { encoder: 1, head: 0, gradients: 0 };
  const image = added(shared, latent, ...perImage, times(K + 1, curves)); // and the map of chance
  // every method is tried on the first image once
  const quick = resolveMapSettings({ samples: 1, steps: 1, tolerance: Number.POSITIVE_INFINITY }, seed);
  const first = methods
    .filter((method) => method !== 'occlusion' && method !== 'rise')
    .map((method) => runsOfMap(method, quick, { ...mapping, concepts: 1, isClass: false }));
  return added(times(tested, image), ...first);
}

/** Runs for the orders of concepts, the latents of the images apart. */
export function orderRuns(images: number, concepts: number): Runs {
  return { encoder: 0, head: images * (ORDERS * (concepts + 1) + 1), gradients: images };
}
