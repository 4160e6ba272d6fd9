// What the form holds, and the run that it stands for.

import type { Preprocess } from '../inputs/preprocess.ts';
import type { ExplainJob } from '../web/explain-job.ts';
import type { WebInspection } from '../web/messages.ts';
import type { Given } from './sort-files.ts';

/** The form, as it is typed. */
export interface Settings {
  readonly class: string;
  readonly concepts: number;
  readonly rows: 'crops' | 'dense';
  readonly patchSize: number;
  /** null: all images. */
  readonly limit: number | null;
  readonly seed: number;
  readonly scaling: Scaling;
  readonly resizeMode: Preprocess['resizeMode'] | 'guess';
  readonly useGpu: boolean;
}

/** How pixel values become the model's: by what is known or guessed of it, or one of the usual ways. */
export type Scaling = 'guess' | 'imagenet' | 'unit' | 'symmetric';

export const DEFAULT_SETTINGS: Settings = {
  class: '',
  concepts: 10,
  rows: 'crops',
  patchSize: 64,
  limit: null,
  seed: 0,
  scaling: 'guess',
  resizeMode: 'guess',
  useGpu: false,
};

const SCALINGS: Record<Scaling, Partial<Preprocess>> = {
  guess: {},
  imagenet: { rescale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  unit: { rescale: 1 / 255, mean: [0], std: [1] },
  symmetric: { rescale: 1, mean: [127.5], std: [127.5] },
};

/** Settings that go before those of the model's own files and before every guess. */
export function overridesOf({ scaling, resizeMode }: Settings): Partial<Preprocess> {
  return { ...SCALINGS[scaling], ...(resizeMode !== 'guess' && { resizeMode }) };
}

/** A crop of 64 pixels where the model's input is as large as usual, of as large a share where it is smaller. */
export function usualPatch({ width, height }: Preprocess): number {
  return Math.max(1, Math.min(64, Math.round((Math.min(width, height) * 2) / 7)));
}

/** The run; `given` has a model. */
export function jobOf(
  given: Given,
  found: WebInspection,
  layer: string | null,
  settings: Settings,
): ExplainJob {
  const { concepts, rows, patchSize, seed, limit, useGpu } = settings;
  return {
    model: (given.model as { blob: Blob }).blob,
    name: found.name,
    externalData: given.externalData,
    images: given.images,
    request: { class: settings.class.trim(), concepts, rows, patchSize, seed },
    config: given.config ?? undefined,
    labels: given.labels,
    preprocess: overridesOf(settings),
    ...(layer !== null && layer !== found.inspection.suggested && { layer }),
    ...(limit !== null && { limit }),
    ...(useGpu && { executionProviders: ['webgpu'] as const }),
  };
}
