// WebGPU against WebAssembly on one sample: drivers and providers have returned wrong numbers without an error.

import type { Classifier } from '../../craft/classifier.ts';
import { random } from '../../tensor/random.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** Share of the largest value that float32 in another order explains. */
const TOLERANCE = 1e-3;

/**
 * Why a classifier's numbers are not those of another, which is trusted; null if they are.
 * Compares g on a seeded random image, and h on what the trusted g gives.
 */
export async function whyNotEqual(suspect: Classifier, trusted: Classifier): Promise<string | null> {
  const image = noise(trusted);
  try {
    const latent = await trusted.inputToLatent(image);
    const pairs: [string, Tensor, Tensor][] = [
      ['the latent', await suspect.inputToLatent(image), latent],
      ['the scores', await suspect.latentToLogit(latent), await trusted.latentToLogit(latent)],
    ];
    for (const [what, a, b] of pairs) {
      const { difference, largest } = compare(a, b);
      if (!(difference <= TOLERANCE * largest)) {
        return `${what} differ by ${difference.toPrecision(2)} where values reach ${largest.toPrecision(2)}`;
      }
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function compare(a: Tensor, b: Tensor): { difference: number; largest: number } {
  let difference = a.data.length === b.data.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < b.data.length; i++) {
    difference = Math.max(difference, Math.abs(a.data[i] - b.data[i])); // NaN stays NaN
    largest = Math.max(largest, Math.abs(b.data[i]));
  }
  return { difference, largest };
}

/** One image of pixels from 0 to 255, preprocessed. */
function noise({ preprocess }: Classifier): Tensor<Float32Array> {
  const { channels, height, width, layout, rescale, mean, std } = preprocess;
  const dims = layout === 'NCHW' ? [1, channels, height, width] : [1, height, width, channels];
  const rng = random(0);
  const data = Float32Array.from({ length: sizeOf(dims) }, (_, k) => {
    const c = layout === 'NCHW' ? Math.floor(k / (height * width)) : k % channels;
    return (rng.below(256) * rescale - mean[c]) / std[c];
  });
  return { data, dims };
}
