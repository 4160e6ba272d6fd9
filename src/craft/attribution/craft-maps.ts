// Maps of a Craft: which function of an image is mapped, and by what.

import { CraftError } from '../../errors.ts';
import { resizeBilinear } from '../../inputs/resize.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { CraftInputs } from '../batches.ts';
import type { Latents } from '../layout.ts';
import { conceptPlanes, withoutPrefix } from '../maps.ts';
import type { CraftParts } from '../parts.ts';
import { type AttributionMaps, attribute, imageSize } from './attribute.ts';
import { ClassTarget } from './class-target.ts';
import { ConceptTarget } from './concept-target.ts';
import { JointTarget } from './joint-target.ts';
import { type MapOptions, resolveConcepts, resolveMapSettings, resolveMethod } from './map-options.ts';
import type { MapTarget } from './target.ts';

/** The concept bank W, or the error that there is none; a class score needs none. */
type Bank = () => Tensor;

/** See `Craft.attributionMaps`. */
export async function attributionMaps(
  parts: CraftParts,
  bank: Bank,
  inputs: CraftInputs,
  options: MapOptions,
): Promise<AttributionMaps> {
  const method = resolveMethod(options);
  const settings = resolveMapSettings(options, parts.options.seed);
  if (method === 'latent') return latentMaps(parts, bank(), inputs, options);
  const { inputLayout: layout, batchSize } = parts.options;
  const target = mapTarget(parts, bank, options);
  const { gridLayer } = parts;
  const latents = (): Promise<Latents[]> => parts.latents(inputs, options);
  return attribute(inputs, method, { target, settings, layout, batchSize, gridLayer, latents }, options);
}

/** The numbers that are mapped, as functions of images. */
export function mapTarget(
  parts: CraftParts,
  bank: Bank,
  { concepts, classId, coefficient = 'pooled', signal }: MapOptions,
): MapTarget {
  const { encoder, vjp } = parts;
  const ofClass = (id: number): MapTarget =>
    new ClassTarget({ encoder, head: parts.needHead('attributionMaps'), vjp, classId: id, signal });
  if (classId !== undefined && concepts === undefined) return ofClass(classId);
  const W = bank();
  const chosen = resolveConcepts(concepts, W.dims[0]);
  const ofConcepts = new ConceptTarget({ encoder, vjp, W, concepts: chosen, coefficient, signal });
  return classId === undefined ? ofConcepts : new JointTarget(encoder, [ofConcepts, ofClass(classId)]);
}

async function latentMaps(
  parts: CraftParts,
  W: Tensor,
  inputs: CraftInputs,
  { concepts, size, signal, onProgress }: MapOptions,
): Promise<AttributionMaps> {
  const shown = size ?? imageSize(inputs, parts.options.inputLayout);
  const U = withoutPrefix(await parts.coefficients(inputs, W, { signal, onProgress }));
  if (U.dims.length !== 4) {
    throw new CraftError(
      'SHAPE',
      `attributionMaps: expected latents with a grid of locations; got coefficients [${U.dims}] – use another method, or cut at an earlier layer`,
    );
  }
  const maps = conceptPlanes(U, resolveConcepts(concepts, U.dims[3]));
  return { ...resizeBilinear(maps, shown), method: 'latent', gap: null };
}
