// A first run of a cut model on noise: that h(g(x)) = f(x), and the dims that its graph does not tell.

import type { ActivationSpace, Activations } from '../craft/activation-store.ts';
import { CraftError } from '../errors.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { random } from '../tensor/random.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { CutPair } from './cut-pair.ts';

/** What the run tells. */
export interface Probe {
  readonly classes: number;
  /** Of the latent of one image, N first. */
  readonly dims: readonly number[];
  /** By the number of dims alone. */
  readonly layout: 'NC' | 'NTC' | 'NCHW';
}

const WHAT = 'probe';

/**
 * Runs g, h and f on a seeded random image, or takes what is known from an earlier run on the same model, layer
 * and size of input, in which the check passed. Releases the pair if anything is wrong.
 *
 * @throws {@link CraftError} `CUT_MISMATCH`, `RUNTIME`, `MODEL_UNSUPPORTED`.
 */
export async function probeOnce(
  pair: CutPair,
  preprocess: Preprocess,
  space: ActivationSpace | null,
): Promise<Probe> {
  const { notes: _, origin: __, ...settings } = preprocess;
  const input = JSON.stringify(settings);
  const known = await space?.get(WHAT, input, isProbe);
  if (known) return probeOf(known.classes.data[0], [...known.dims.data]);
  try {
    const image = randomImage(preprocess);
    const latent = await pair.inputToLatent(image);
    const logits = await pair.latentToLogit(latent);
    await pair.check(image);
    const probe = probeOf(logits.dims[1], latent.dims);
    await space?.put(WHAT, input, {
      classes: { data: Int32Array.of(probe.classes), dims: [1] },
      dims: { data: Int32Array.from(probe.dims), dims: [probe.dims.length] },
    });
    return probe;
  } catch (error) {
    await pair.release();
    throw error;
  }
}

function probeOf(classes: number, dims: readonly number[]): Probe {
  const layout = ({ 2: 'NC', 3: 'NTC', 4: 'NCHW' } as const)[dims.length];
  if (layout === undefined) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `layer: expected a latent of 2, 3 or 4 dims; got [${dims}] – choose another layer`,
    );
  }
  return { classes, dims, layout };
}

function isProbe({ classes, dims }: Activations): boolean {
  const isCounts = (t: Tensor | undefined): boolean =>
    t?.data instanceof Int32Array && t.data.every((d) => d > 0);
  return (
    isCounts(classes) && classes.data.length === 1 && isCounts(dims) && [2, 3, 4].includes(dims.data.length)
  );
}

/** One image of seeded noise in the range that the preprocessing gives. */
function randomImage({ channels, height, width, layout, rescale, mean, std }: Preprocess): Tensor {
  const dims = layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels];
  const rng = random(0);
  const data = new Float32Array(sizeOf(dims));
  for (let k = 0; k < data.length; k++) {
    const c = layout === 'NCHW' ? Math.floor(k / (height * width)) : k % channels;
    data[k] = (rng.below(256) * rescale - mean[c]) / std[c];
  }
  return { data, dims };
}
