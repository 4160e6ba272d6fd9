// What the stages of a run cost that are there only if they are asked for: maps, and the tests of --evaluate.

import { mapTestRuns, orderRuns } from './attribution/evaluation-plan.ts';
import { MAP_METHODS, type MapMethod, resolveMapSettings } from './attribution/map-options.ts';
import { added, type Mapping, NO_RUNS, type Runs, runsOfMap, times } from './attribution/map-plan.ts';
import type { Classifier } from './classifier.ts';
import type { ExplainRequest } from './request.ts';
import { robustnessHeadRuns } from './robustness.ts';

/** Most runs of one stage. */
export interface StagePlan extends Runs {
  /** As in `timings` of the explanation; `evaluation` is written beside it. */
  readonly stage: 'maps' | 'robustness' | 'evaluation';
}

/** Sizes of the run, from the plan. */
interface Sizes {
  readonly images: number;
  readonly rows: number;
  readonly cropsPerImage: number;
}

/** The stages of a request after the explanation itself, in their order. */
export function furtherStages(request: ExplainRequest, classifier: Classifier, sizes: Sizes): StagePlan[] {
  const { images, rows, cropsPerImage } = sizes;
  const { concepts, maps, evaluate, nbDesign, seed } = request;
  const { height, width } = classifier.preprocess;
  const mapping = { height, width, readsGrid: readsGrid(classifier) };
  const methods = [...new Set(maps)].filter((method) => method !== 'latent');
  const stages: StagePlan[] = [];
  if (methods.length > 0) {
    const examples = Math.min(images, request.examples);
    stages.push({
      stage: 'maps',
      ...times(examples, exampleRuns(methods, { ...mapping, concepts, isClass: false }, seed)),
    });
  }
  if (!evaluate) return stages;
  // what the fit encoded is kept, or it is encoded again
  const crops = classifier.activations ? 0 : images * cropsPerImage;
  const latents = classifier.activations ? 0 : images;
  const head = robustnessHeadRuns(concepts, rows, images, nbDesign);
  stages.push({ stage: 'robustness', encoder: crops, head, gradients: 0 });
  const tested: MapMethod[] =
    maps.length > 0 ? [...new Set<MapMethod>(['latent', ...maps])] : [...MAP_METHODS];
  const evaluation = added(
    { ...NO_RUNS, encoder: latents },
    orderRuns(images, concepts),
    mapTestRuns({ methods: tested, images, concepts, seed, mapping }),
  );
  return [...stages, { stage: 'evaluation', ...evaluation }];
}

/** Maps of all concepts on one image; the image's own latent is encoded once for `grad-cam`. */
function exampleRuns(methods: readonly MapMethod[], mapping: Mapping, seed: number): Runs {
  const settings = resolveMapSettings({}, seed);
  const latent = methods.includes('grad-cam') ? { ...NO_RUNS, encoder: 1 } : NO_RUNS;
  return added(latent, ...methods.map((method) => runsOfMap(method, settings, mapping)));
}

/** Whether h reads the places of the latent one by one: not those of a vector, or where the CLS token is all. */
function readsGrid({ latentLayout, reads }: Classifier): boolean {
  return latentLayout !== 'NC' && reads !== 'prefix';
}
