// What maps cost, before they are made.

import type { MapMethod, MapSettings } from './map-options.ts';
import { patchesOf } from './occlusion.ts';

/** Runs of the model, in inputs. */
export interface Runs {
  /** Of g. */
  readonly encoder: number;
  /** Of h. */
  readonly head: number;
  /** Backward, one for each image and concept. */
  readonly gradients: number;
}

export const NO_RUNS: Runs = { encoder: 0, head: 0, gradients: 0 };

export function added(...all: readonly Runs[]): Runs {
  return all.reduce(
    (sum, runs) => ({
      encoder: sum.encoder + runs.encoder,
      head: sum.head + runs.head,
      gradients: sum.gradients + runs.gradients,
    }),
    NO_RUNS,
  );
}

export function times(count: number, { encoder, head, gradients }: Runs): Runs {
  return { encoder: count * encoder, head: count * head, gradients: count * gradients };
}

/** What is mapped, and of what. */
export interface Mapping {
  readonly concepts: number;
  readonly isClass: boolean;
  readonly height: number;
  readonly width: number;
  /** The latent itself has places that h reads: `grad-cam` needs no run of g beside the latent's. */
  readonly readsGrid: boolean;
}

/**
 * Most runs for the maps of one image by one method, the image's own latent apart (one run of g for `latent` and
 * `grad-cam` together). A concept that is not active has no run backward, and `integrated-gradients` stops where
 * it is near enough: these cost less.
 */
export function runsOfMap(method: MapMethod, settings: MapSettings, mapping: Mapping): Runs {
  const { concepts, isClass, readsGrid } = mapping;
  const ofClass = isClass ? 1 : 0;
  // concepts and class are differentiated one after the other
  const once = { encoder: (concepts > 0 ? 1 : 0) + ofClass, head: ofClass, gradients: concepts + ofClass };
  const scored = (count: number): Runs => ({ encoder: count, head: ofClass * count, gradients: 0 });
  switch (method) {
    case 'latent':
      return NO_RUNS;
    case 'grad-cam':
      return readsGrid
        ? { encoder: 0, head: ofClass, gradients: ofClass }
        : { ...once, encoder: once.encoder + 1 };
    case 'saliency':
    case 'gradient-input':
      return once;
    case 'smooth-grad':
      return times(settings.samples, once);
    case 'integrated-gradients': {
      const { steps, mostSteps, tolerance } = settings;
      const refined =
        tolerance === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.floor((mostSteps - steps) / 2));
      return added(times(steps + 2 * refined, once), scored(steps + 1 + 2 * refined));
    }
    case 'occlusion':
      return scored(1 + patchesOf(mapping, settings).length);
    case 'rise':
      return scored(settings.masks);
  }
}
