// The preprocessing of a model: what the caller says, else what the file beside the model says, else
// a guess from the model itself. Every guess is written down, with what changes it.

import * as v from 'valibot';
import { CraftError } from '../errors.ts';
import type { FileSettings } from './config-values.ts';
import { fromModel, fromQuantised, type Note, type Settings, type Shape } from './guess-preprocess.ts';
import { type Preprocess, PreprocessSchema } from './preprocess.ts';
import { readPreprocessConfig } from './preprocess-config.ts';

export interface PreprocessSources {
  /** Dims of the model's input; a name or null where a dim is free. */
  inputDims: readonly (number | string | null)[];
  /** Of a quantised input: real = (pixel − zeroPoint) · scale. */
  pixel?: { scale: number; zeroPoint: number } | null;
  /** Parsed preprocessor_config.json of Hugging Face, or config.json of timm. */
  config?: unknown;
  /** What the caller has set; goes before all else. mean and std may have one value for all channels. */
  overrides?: Partial<Preprocess>;
  /** What else the model tells: the program that wrote it. */
  hints?: { producer?: string };
}

const CHANNELS: readonly unknown[] = [1, 3, 4];

/**
 * Finds the preprocessing of an image model.
 *
 * @returns complete settings; `notes` says in plain words what was guessed.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if the input is not a batch of images, `OPTION` if a
 *   value of the file or of the caller is out of range or contradicts the model.
 */
export function resolvePreprocess(sources: PreprocessSources): Preprocess {
  const { inputDims, pixel, config, overrides = {}, hints = {} } = sources;
  const notes: Note[] = [];
  checkKeys(overrides);
  const file = config == null ? { settings: {}, notes: [] } : readPreprocessConfig(config);
  const said = { ...file.settings, ...defined(overrides) };
  const shape = readShape(inputDims, overrides, said.channels, notes);
  const size = sizeOf(shape, said, notes);
  const guess = pixel ? fromQuantised(pixel, notes) : fromModel(shape, hints.producer ?? '', size, notes);
  const { origin: _, notes: ownNotes = [], ...given } = said as Partial<Preprocess>;
  const settings = { ...guess, ...given, ...size, layout: shape.layout, channels: shape.channels };
  settings.shortestEdge = edgeOf(settings.shortestEdge, size, file, overrides);
  const guessed = notes.filter(({ about }) => !about.every((key) => said[key] !== undefined));
  return check({
    ...settings,
    mean: perChannel(settings.mean, shape.channels),
    std: perChannel(settings.std, shape.channels),
    origin: Object.keys(defined(overrides)).length ? 'caller' : config == null ? 'guess' : 'file',
    notes: [...ownNotes, ...file.notes, ...guessed.map(({ text }) => text)],
  });
}

/** Layout and channels, from where a dim of 1, 3 or 4 stands. `saidChannels` holds where that dim is free. */
function readShape(
  dims: PreprocessSources['inputDims'],
  overrides: Partial<Preprocess>,
  saidChannels: number | undefined,
  notes: Note[],
): Shape {
  if (dims.length !== 4) throw notImages(dims);
  const free = (d: number | string | null) => (typeof d === 'number' && d > 0 ? d : null);
  const sizes = dims.map(free);
  const first = CHANNELS.includes(sizes[1]);
  const last = CHANNELS.includes(sizes[3]);
  let layout = overrides.layout;
  if (!layout) {
    // free channels: images come channels first in PyTorch's exports, where dims are free most often
    if (!first && !last && sizes[1] !== null && sizes[3] !== null) throw notImages(dims);
    layout = first || (!last && sizes[1] === null) ? 'NCHW' : 'NHWC';
    if (first === last) {
      notes.push({
        about: ['layout'],
        text: `The model's input [${dims.join(', ')}] does not tell where its channels are: ${layout} is assumed. Change it with the option preprocess.layout.`,
      });
    }
  }

  const [channels, height, width] = layout === 'NCHW' ? sizes.slice(1) : [sizes[3], sizes[1], sizes[2]];
  const wanted = channels ?? saidChannels ?? 3;
  if (!CHANNELS.includes(wanted)) throw notImages(dims);
  contradicts('channels', channels, overrides.channels);
  contradicts('width', width, overrides.width);
  contradicts('height', height, overrides.height);
  return { layout, channels: wanted as Preprocess['channels'], width, height };
}

function notImages(dims: PreprocessSources['inputDims']): CraftError {
  return new CraftError(
    'MODEL_UNSUPPORTED',
    `resolvePreprocess: expected a model of images with an input [N, C, H, W] or [N, H, W, C] of 1, 3 or 4 channels; got [${dims.map((d) => d ?? '?').join(', ')}]`,
  );
}

/** Size of the model's input: the model's own, where it is fixed. */
function sizeOf(shape: Shape, said: Partial<Settings>, notes: Note[]): { width: number; height: number } {
  const size = { width: 0, height: 0 };
  for (const key of ['width', 'height'] as const) {
    const fixed = shape[key];
    size[key] = fixed ?? said[key] ?? 224;
    if (fixed === null && said[key] === undefined) {
      notes.push({
        about: [key],
        text: `The model takes images of any ${key}: 224 pixels are used. Change it with --size.`,
      });
    }
  }
  return size;
}

/** The shorter side before the crop, for the size that the model really has. */
function edgeOf(
  edge: number,
  size: { width: number; height: number },
  file: FileSettings,
  overrides: Partial<Preprocess>,
): number {
  const shorter = Math.min(size.width, size.height);
  const { shortestEdge, width, height } = file.settings;
  if (overrides.shortestEdge !== undefined) return overrides.shortestEdge;
  if (width === undefined || height === undefined) return Math.max(shorter, edge);
  if (width !== size.width || height !== size.height) {
    file.notes.push(
      `The file is for images of ${width} × ${height}: what it says is scaled to ${size.width} × ${size.height}.`,
    );
  }
  if (shortestEdge === undefined) return Math.max(shorter, edge);
  const scaled = Math.floor((shortestEdge * shorter) / Math.min(width, height));
  if (scaled >= shorter) return scaled;
  file.notes.push(
    `The file asks for a shorter side of ${shortestEdge} pixels, less than the crop: images are enlarged to the crop, not framed in black.`,
  );
  return shorter;
}

function checkKeys(overrides: object): void {
  const known = Object.keys(PreprocessSchema.entries);
  const unknown = Object.keys(overrides).find((key) => !known.includes(key));
  if (unknown !== undefined) throw optionError(`settings out of ${known.join(', ')}`, unknown.slice(0, 40));
}

function contradicts(key: string, fixed: number | null, wanted: number | undefined): void {
  if (fixed !== null && wanted !== undefined && fixed !== wanted) {
    throw new CraftError(
      'OPTION',
      `resolvePreprocess: expected ${key} ${fixed}, which the model fixes; got ${wanted}: leave ${key} out`,
    );
  }
}

/** One value for all channels becomes one a channel; alpha stays as it is scaled. */
function perChannel(values: readonly number[], channels: number): number[] {
  return values.length === 1 ? new Array<number>(channels).fill(values[0]) : [...values];
}

function defined<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;
}

/** The settings after a check of each and of all together. */
function check(settings: unknown): Preprocess {
  const result = v.safeParse(PreprocessSchema, settings);
  if (!result.success) {
    const issue = result.issues[0];
    throw optionError(`${v.getDotPath(issue)} to be ${issue.expected ?? issue.message}`, issue.received);
  }
  const p = result.output;
  if (p.mean.length !== p.channels || p.std.length !== p.channels) {
    throw optionError(
      `mean and std to have ${p.channels} values or one`,
      `${p.mean.length} and ${p.std.length}`,
    );
  }
  if (p.std.some((s) => s === 0) || p.rescale === 0) throw optionError('std and rescale not to be 0', 'a 0');
  if (p.resizeMode !== 'stretch' && p.shortestEdge < Math.min(p.width, p.height)) {
    throw optionError(
      `shortestEdge of at least ${Math.min(p.width, p.height)}, the shorter side`,
      `${p.shortestEdge}`,
    );
  }
  return p;
}

function optionError(expected: string, got: string): CraftError {
  return new CraftError('OPTION', `resolvePreprocess: expected ${expected}; got ${got}: correct the setting`);
}
