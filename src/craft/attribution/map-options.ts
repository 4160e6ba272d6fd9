// What a map is of and how it is made, checked in one place.

import { CraftError } from '../../errors.ts';
import { checkOneOf, checkWhole, type RunOptions } from '../options.ts';

/** Ways to make a map. Signs and units are those of {@link MapOptions.method}. */
export const MAP_METHODS = [
  'latent',
  'grad-cam',
  'saliency',
  'gradient-input',
  'smooth-grad',
  'integrated-gradients',
  'occlusion',
  'rise',
] as const;
export type MapMethod = (typeof MAP_METHODS)[number];

/** Options of `Craft.attributionMaps`. */
export interface MapOptions extends RunOptions {
  /** Concepts to map, by index; default all, or none where `classId` is given. */
  readonly concepts?: readonly number[];
  /** Map the score of this class, in place of concepts, or after those of `concepts`, which share the runs of g. */
  readonly classId?: number;
  /**
   * With s the coefficient u_i of an image or a class score; default `grad-cam`:
   * - `latent`: u at every location of the latent, ≥ 0, in units of u. Concepts only.
   * - `grad-cam`: ReLU of gradient × activation at the latent, or at the last layer before it that has places
   *   in the image; before the ReLU and the resize it sums to u_i where the latent is averaged. ≥ 0.
   * - `saliency`: largest |∂s/∂x| over the channels, ≥ 0.
   * - `gradient-input`: Σ over the channels of x · ∂s/∂x, signed.
   * - `smooth-grad`: `saliency` of the mean gradient under noise, ≥ 0.
   * - `integrated-gradients`: signed; sums to s(x) − s(baseline) but for the `gap` of the result.
   * - `occlusion`: s(x) − s(x without a patch), mean over the patches that cover a pixel; signed.
   * - `rise`: mean of s over random masks that keep the pixel; the sign of s.
   */
  readonly method?: MapMethod;
  /** Of `latent` and `grad-cam`, in pixels; default and for all others: that of the images. */
  readonly size?: { readonly height: number; readonly width: number };
  /**
   * How the coefficients of a latent with many locations become one number: u of the averaged latent (of the
   * CLS token where h reads that), as a crop has it (`pooled`, default), or the mean of u over the locations.
   */
  readonly coefficient?: 'pooled' | 'mean';
  /** What stands for "nothing", in values of the model's input; default 0, after normalising the mean colour. */
  readonly baseline?: number;
  /** Noisy copies of an image for `smooth-grad`; default 16. */
  readonly samples?: number;
  /** Standard deviation of that noise, as a share of the image's range; default 0.15. */
  readonly noise?: number;
  /** Equal parts of the way from baseline to image that `integrated-gradients` begins with; default 16. */
  readonly steps?: number;
  /**
   * Parts on which it misses more of s than this share of the range of s on the way (over √steps) are cut in
   * three; default 0.02, Infinity for none.
   */
  readonly tolerance?: number;
  /** Points at which it takes the gradient, at most; default 128, `steps` if that is more. */
  readonly mostSteps?: number;
  /** Side of the patch of `occlusion` in pixels; default a seventh of the shorter side. */
  readonly patch?: number;
  /** Pixels between two patches; default half a patch. */
  readonly stride?: number;
  /** Random masks of `rise`; default 512. */
  readonly masks?: number;
  /** Cells of a mask along the shorter side; default 7. */
  readonly cells?: number;
  /** Share of the cells that a mask keeps; default 0.5. */
  readonly keep?: number;
  /** Of noise and masks; default that of the Craft. */
  readonly seed?: number;
}

/** Settings of the methods, with their defaults. */
export type MapSettings = Required<
  Pick<
    MapOptions,
    | 'baseline'
    | 'samples'
    | 'noise'
    | 'steps'
    | 'tolerance'
    | 'mostSteps'
    | 'masks'
    | 'cells'
    | 'keep'
    | 'seed'
  >
> & {
  readonly patch: number | null;
  readonly stride: number | null;
};

/** The settings of a call. @throws {@link CraftError} `OPTION` that names the first wrong one. */
export function resolveMapSettings(options: MapOptions, seed: number): MapSettings {
  const settings: MapSettings = {
    baseline: options.baseline ?? 0,
    samples: options.samples ?? 16,
    noise: options.noise ?? 0.15,
    steps: options.steps ?? 16,
    tolerance: options.tolerance ?? 0.02,
    mostSteps: options.mostSteps ?? 128,
    patch: options.patch ?? null,
    stride: options.stride ?? null,
    masks: options.masks ?? 512,
    cells: options.cells ?? 7,
    keep: options.keep ?? 0.5,
    seed: options.seed ?? seed,
  };
  for (const name of ['samples', 'steps', 'mostSteps', 'masks', 'cells'] as const)
    checkWhole(name, settings[name], 1);
  for (const name of ['patch', 'stride'] as const) {
    if (settings[name] !== null) checkWhole(name, settings[name], 1);
  }
  checkWhole('seed', settings.seed, 0);
  checkNumber('baseline', settings.baseline, Number.isFinite(settings.baseline), 'a finite number');
  checkNumber(
    'noise',
    settings.noise,
    settings.noise >= 0 && settings.noise < Infinity,
    'a finite number ≥ 0',
  );
  checkNumber('tolerance', settings.tolerance, settings.tolerance > 0, 'a number above 0');
  checkNumber('keep', settings.keep, settings.keep > 0 && settings.keep < 1, 'a share between 0 and 1');
  return settings;
}

function checkNumber(name: string, value: number, isRight: boolean, expected: string): void {
  if (isRight) return;
  throw new CraftError('OPTION', `${name}: expected ${expected}; got ${value}`);
}

/** The method of a call. @throws {@link CraftError} `OPTION`. */
export function resolveMethod({ method = 'grad-cam', classId, coefficient }: MapOptions): MapMethod {
  checkOneOf('method', method, MAP_METHODS);
  checkOneOf('coefficient', coefficient ?? 'pooled', ['pooled', 'mean']);
  if (classId === undefined) return method;
  checkWhole('classId', classId, 0);
  if (method === 'latent') {
    throw new CraftError(
      'OPTION',
      'attributionMaps: expected a method that maps a class score; got latent, which maps concepts – use grad-cam or occlusion',
    );
  }
  return method;
}

/** Indices of concepts, all of r by default. @throws {@link CraftError} `OPTION` for one out of range. */
export function resolveConcepts(concepts: readonly number[] | undefined, r: number): readonly number[] {
  const chosen = concepts ?? Array.from({ length: r }, (_, i) => i);
  const wrong = chosen.find((i) => !Number.isInteger(i) || i < 0 || i >= r);
  if (wrong === undefined && chosen.length > 0) return chosen;
  throw new CraftError(
    'OPTION',
    `concepts: expected indices from 0 to ${r - 1}; got ${wrong ?? 'an empty list'}`,
  );
}
