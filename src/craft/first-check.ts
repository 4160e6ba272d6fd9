// h(g(x)) against f(x) on the first images of a run: a wrong cut shows on the first.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ActivationSpace, areKeyed, type KeyedInputs } from './activation-store.ts';
import type { Classifier, CutCheck, ImageSource } from './classifier.ts';
import { LATENT } from './encode-kept.ts';

/** Most images that are compared. */
const CHECKED = 4;
const WHAT = 'check';

/**
 * Checks the cut on the first images of a source, or takes what an earlier run found on the same images.
 *
 * @throws {@link CraftError} `CUT_MISMATCH`; `NO_INPUTS` if the source has no image.
 */
export async function checkFirstImages(classifier: Classifier, source: ImageSource): Promise<CutCheck> {
  const { activations } = classifier;
  if (activations && areKeyed(source)) {
    const check = await keptCheck(classifier, activations, source);
    if (check) return check;
  } else {
    for await (const batch of source) return classifier.check(firstOf(batch));
  }
  throw new CraftError(
    'NO_INPUTS',
    `${source.source}: expected at least one image that can be read; got none of ${source.total} (${source.skipped.length} skipped${source.skipped[0] ? `, the first because ${source.skipped[0].reason}` : ''})`,
  );
}

async function keptCheck(
  classifier: Classifier,
  space: ActivationSpace,
  source: KeyedInputs,
): Promise<CutCheck | null> {
  for await (const batch of source.keyedBatches((key) => space.has(LATENT, key))) {
    const first = batch.keys.slice(0, CHECKED);
    const images = first.join(' ');
    const kept = await space.get(WHAT, images, ({ check }) => check?.data.length === 3);
    if (kept) {
      const [inputs, maxAbsDifference, maxAbsLogit] = kept.check.data;
      return { inputs, maxAbsDifference, maxAbsLogit };
    }
    const check = await classifier.check(await batch.read([...first.keys()]));
    const { inputs, maxAbsDifference, maxAbsLogit } = check;
    const data = Float64Array.of(inputs, maxAbsDifference, maxAbsLogit);
    await space.put(WHAT, images, { check: { data, dims: [data.length] } });
    return check;
  }
  return null;
}

function firstOf({ data, dims: [count, ...rest] }: Tensor): Tensor {
  const kept = Math.min(count, CHECKED);
  return { data: data.subarray(0, kept * (data.length / count)), dims: [kept, ...rest] };
}
