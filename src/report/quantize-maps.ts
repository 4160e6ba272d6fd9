// Concept maps to one byte a value, for the page: a map is looked at, not computed with.

import { CraftError } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { base64 } from './base64.ts';
import type { ReportMaps } from './report-data.ts';

/** A page of more is slow to open; 30 inputs of 32 × 32 cells and 50 concepts are 1.5 MB. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * Scales each concept by its largest value over the examples and rounds to 0 … 255.
 *
 * @param maps - shape [E, h, w, r], any finite values; the negative ones become 0.
 * @param inputs - the input of each example, shape [E].
 * @param concepts - r.
 * @throws {@link CraftError} `SHAPE` if the dims differ from E or r or there are more than 64 MiB,
 *   `VALUE` if a value is not finite.
 */
export function quantizeMaps(maps: Tensor, inputs: readonly number[], concepts: number): ReportMaps {
  checkTensor(maps, 'renderReport');
  const [E, h, w, r] = maps.dims;
  if (maps.dims.length !== 4 || E !== inputs.length || r !== concepts || h < 1 || w < 1) {
    throw new CraftError(
      'SHAPE',
      `renderReport: expected maps [${inputs.length}, h, w, ${concepts}], one for each of explanation.examples and concepts; got dims [${maps.dims}]`,
    );
  }
  if (maps.data.length > MAX_BYTES) {
    throw new CraftError(
      'SHAPE',
      `renderReport: expected at most ${MAX_BYTES} map values; got ${maps.data.length}, so give fewer examples`,
    );
  }
  const scale = largestPerConcept(maps.data, r);
  const bytes = new Uint8Array(maps.data.length);
  for (let i = 0; i < bytes.length; i++) {
    const s = scale[i % r];
    bytes[i] = s > 0 ? Math.max(0, Math.round((maps.data[i] / s) * 255)) : 0;
  }
  return { inputs: [...inputs], dims: [E, h, w, r], scale, data: base64(bytes) };
}

function largestPerConcept(data: Tensor['data'], r: number): number[] {
  const scale = new Array<number>(r).fill(0);
  for (let i = 0; i < data.length; i++) {
    const v = data[i];
    if (!Number.isFinite(v)) {
      throw new CraftError('VALUE', `renderReport: expected finite map values; got ${v} at element ${i}`);
    }
    if (v > scale[i % r]) scale[i % r] = v;
  }
  return scale;
}
