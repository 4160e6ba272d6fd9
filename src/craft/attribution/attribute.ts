// Maps of many images by any method: batches in, one tensor out.

import { CraftError } from '../../errors.ts';
import { resizeBilinear } from '../../inputs/resize.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { areActivations, batchesOf, type CraftInputs, checkAborted, isTensor } from '../batches.ts';
import type { Latents } from '../layout.ts';
import { gradCamAtLayer, gradCamOfLatents } from './grad-cam.ts';
import { gradientInput } from './gradient-input.ts';
import { type Images, imagesOf, tensorOf } from './images.ts';
import { integratedGradients } from './integrated-gradients.ts';
import type { MapMethod, MapOptions, MapSettings } from './map-options.ts';
import { occlusion } from './occlusion.ts';
import { rise } from './rise.ts';
import { saliency } from './saliency.ts';
import { smoothGrad } from './smooth-grad.ts';
import { GRADIENT_BATCH, type MapTarget } from './target.ts';
import type { GridLayer } from './vjp.ts';

/** Maps [N, K, H, W] of N images, for K concepts or one class. A tensor as it is. */
export interface AttributionMaps extends Tensor<Float32Array> {
  readonly method: MapMethod;
  /**
   * Σ of a map − (s(x) − s(baseline)), [N, K], for `integrated-gradients`: how far it is from complete.
   * null for other methods.
   */
  readonly gap: Tensor<Float64Array> | null;
}

/** What maps are made with. */
export interface Attribution {
  readonly target: MapTarget;
  readonly settings: MapSettings;
  readonly layout: 'NCHW' | 'NHWC';
  readonly batchSize: number;
  readonly gridLayer: GridLayer | null;
  /** Latents of the inputs, where they are kept. */
  latents(): Promise<readonly Latents[]>;
}

/** One batch of maps. */
interface Part {
  readonly maps: Tensor<Float32Array>;
  readonly gap?: Float64Array;
}

/**
 * Maps by a method that runs the model on images or on latents.
 *
 * @throws {@link CraftError} `SHAPE` if the inputs are no images of one size, `STATE`, `OPTION`,
 *   `MODEL_UNSUPPORTED`, `NO_INPUTS`, `ABORTED`.
 */
export async function attribute(
  inputs: CraftInputs,
  method: Exclude<MapMethod, 'latent'>,
  attribution: Attribution,
  options: Pick<MapOptions, 'size' | 'signal' | 'onProgress'>,
): Promise<AttributionMaps> {
  if (areActivations(inputs)) throw noImages();
  if (method === 'grad-cam') return gradCam(inputs, attribution, options);
  if (options.size) {
    throw new CraftError(
      'OPTION',
      `attributionMaps: expected size with latent or grad-cam only; got it with ${method}, whose maps have the size of the images`,
    );
  }
  return overBatches(inputs, method, attribution, options, (images, first) =>
    mapsOf(images, method, attribution, first, options.signal),
  );
}

async function gradCam(
  inputs: CraftInputs,
  attribution: Attribution,
  options: Pick<MapOptions, 'size' | 'signal' | 'onProgress'>,
): Promise<AttributionMaps> {
  const parts: Tensor<Float32Array>[] = [];
  for (const latents of await attribution.latents()) {
    const maps = await gradCamOfLatents(latents, attribution.target);
    if (maps) parts.push(maps);
  }
  if (parts.length > 0) {
    const size = options.size ?? imageSize(inputs, attribution.layout);
    return joined(
      parts.map((maps) => ({ maps: resizeBilinear(maps, size) })),
      'grad-cam',
    );
  }
  return overBatches(inputs, 'grad-cam', attribution, options, async (images) => {
    const maps = await gradCamAtLayer(tensorOf(images), attribution.target, attribution.gridLayer);
    const { height, width } = options.size ?? images;
    return { maps: resizeBilinear(maps, { height, width }) };
  });
}

async function mapsOf(
  images: Images,
  method: Exclude<MapMethod, 'latent' | 'grad-cam'>,
  { target, settings, batchSize }: Attribution,
  first: number,
  signal: AbortSignal | undefined,
): Promise<Part> {
  const running = { batchSize, check: () => checkAborted(signal) };
  switch (method) {
    case 'saliency':
      return { maps: await saliency(images, target) };
    case 'gradient-input':
      return { maps: await gradientInput(images, target) };
    case 'smooth-grad':
      return { maps: await smoothGrad(images, target, settings, first) };
    case 'integrated-gradients':
      return integratedGradients(images, target, settings, running);
    case 'occlusion':
      return { maps: await occlusion(images, target, settings, running) };
    case 'rise':
      return { maps: await rise(images, target, settings, running) };
  }
}

async function overBatches(
  inputs: CraftInputs,
  method: MapMethod,
  { target, layout, batchSize }: Attribution,
  { signal, onProgress }: Pick<MapOptions, 'signal' | 'onProgress'>,
  work: (images: Images, first: number) => Promise<Part>,
): Promise<AttributionMaps> {
  const parts: Part[] = [];
  const total = isTensor(inputs) ? inputs.dims[0] : null;
  let done = 0;
  // so many images that their K gradients fill one run backward
  const atOnce = Math.max(1, Math.min(batchSize, Math.floor(GRADIENT_BATCH / target.count)));
  for await (const batch of batchesOf(inputs, batchSize, signal)) {
    if (!isTensor(batch)) throw noImages();
    for await (const part of batchesOf(batch, atOnce, signal)) {
      parts.push(await work(imagesOf(part as Tensor, layout), done));
      done += (part as Tensor).dims[0];
      onProgress?.({ stage: 'maps', done, total });
    }
  }
  return joined(parts, method);
}

function joined(parts: readonly Part[], method: MapMethod): AttributionMaps {
  if (parts.length === 0) {
    throw new CraftError('NO_INPUTS', 'attributionMaps: expected at least one image; got none');
  }
  const [, K, height, width] = parts[0].maps.dims;
  if (parts.some(({ maps }) => maps.dims[2] !== height || maps.dims[3] !== width)) {
    throw new CraftError('SHAPE', 'attributionMaps: expected images of one size; got several sizes');
  }
  const N = parts.reduce((sum, { maps }) => sum + maps.dims[0], 0);
  const dims = [N, K, height, width];
  const data = new Float32Array(sizeOf(dims));
  const gap = method === 'integrated-gradients' ? new Float64Array(N * K) : null;
  let first = 0;
  for (const part of parts) {
    data.set(part.maps.data, first * K * height * width);
    gap?.set(part.gap!, first * K);
    first += part.maps.dims[0];
  }
  return { data, dims, method, gap: gap && { data: gap, dims: [N, K] } };
}

/** Height and width of the images of a tensor. @throws {@link CraftError} `SHAPE` for other inputs. */
export function imageSize(
  inputs: CraftInputs,
  layout: Attribution['layout'],
): { height: number; width: number } {
  if (!isTensor(inputs) || inputs.dims.length !== 4) {
    throw new CraftError(
      'SHAPE',
      'attributionMaps: expected images as one tensor with four dims; got other inputs – give size',
    );
  }
  const [, a, b, c] = inputs.dims;
  return layout === 'NCHW' ? { height: b, width: c } : { height: a, width: b };
}

function noImages(): CraftError {
  return new CraftError(
    'SHAPE',
    'attributionMaps: expected images [N, C, H, W] or [N, H, W, C]; got other inputs',
  );
}
