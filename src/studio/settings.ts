// What the form holds, and the run that it stands for.

import type { Preprocess } from '../inputs/preprocess.ts';
import type { ExplainJob } from '../web/explain-job.ts';
import type { ExplainTextJob } from '../web/explain-text-job.ts';
import type { Order, WebInspection } from '../web/messages.ts';
import type { Given } from './given.ts';

/** The form, as it is typed. */
export interface Settings {
  readonly class: string;
  readonly concepts: number;
  /** null: all images or texts. */
  readonly limit: number | null;
  readonly seed: number;
  readonly rows: 'crops' | 'dense';
  readonly patchSize: number;
  readonly scaling: Scaling;
  readonly resizeMode: Preprocess['resizeMode'] | 'guess';
  readonly useGpu: boolean;
  readonly units: NonNullable<ExplainTextJob['request']['units']>;
  /** Of the table; empty: by its usual names. */
  readonly textColumn: string;
  /** Another class or label to compare with; empty: none. */
  readonly compare: string;
}

/** How pixel values become the model's: by what is known or guessed of it, or one of the usual ways. */
export type Scaling = 'guess' | 'imagenet' | 'unit' | 'symmetric';

/** An order to the worker that is a run. */
export type RunOrder = Extract<Order, { task: 'explain' | 'explainText' }>;

export const DEFAULT_SETTINGS: Settings = {
  class: '',
  concepts: 10,
  limit: null,
  seed: 0,
  rows: 'crops',
  patchSize: 64,
  scaling: 'guess',
  resizeMode: 'guess',
  useGpu: false,
  units: 'auto',
  textColumn: '',
  compare: '',
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

/** What is still needed for a run, or null. */
export function missingOf(given: Given, found: WebInspection | null, settings: Settings): string | null {
  const { model, images, table, textFiles } = given;
  const readsText = found?.inspection.readsText ?? textFiles.tokenizer !== null;
  if (!model) return 'Drop a model first.';
  if (readsText && textFiles.tokenizer === null) return 'Drop the model’s tokenizer.json too.';
  if (readsText && table === null) return 'Drop a table of texts too.';
  if (!readsText && images.length === 0) return 'Drop images too.';
  if (!found) return 'The model is not read yet.';
  return settings.class.trim() === '' ? 'Say which class.' : null;
}

/** The run; nothing is missing for it. */
export function orderOf(
  given: Given,
  found: WebInspection,
  layer: string | null,
  settings: Settings,
): RunOrder {
  const { concepts, seed, limit } = settings;
  const shared = {
    model: (given.model as { blob: Blob }).blob,
    name: found.name,
    externalData: given.externalData,
    labels: given.labels,
    ...(layer !== null && layer !== found.inspection.suggested && { layer }),
    ...(limit !== null && { limit }),
  };
  const request = { class: settings.class.trim(), concepts, seed };
  return found.inspection.readsText
    ? { task: 'explainText', job: textJobOf(given, settings, shared, request) }
    : { task: 'explain', job: imageJobOf(given, settings, shared, request) };
}

type Shared = Pick<ExplainJob, 'model' | 'name' | 'externalData' | 'labels' | 'layer' | 'limit'>;
type Request = Pick<ExplainJob['request'], 'class' | 'concepts' | 'seed'>;

function imageJobOf(given: Given, settings: Settings, shared: Shared, request: Request): ExplainJob {
  const { rows, patchSize, useGpu } = settings;
  return {
    ...shared,
    request: { ...request, rows, patchSize },
    images: given.images,
    config: given.config ?? undefined,
    preprocess: overridesOf(settings),
    ...(useGpu && { executionProviders: ['webgpu'] as const }),
  };
}

function textJobOf(given: Given, settings: Settings, shared: Shared, request: Request): ExplainTextJob {
  const { units, textColumn, compare } = settings;
  const { name, blob } = given.table as { name: string; blob: Blob };
  return {
    ...shared,
    ...given.textFiles,
    request: { ...request, units, compare: compare.trim() || null },
    texts: blob,
    table: { name, ...(textColumn.trim() !== '' && { textColumn: textColumn.trim() }) },
  };
}
