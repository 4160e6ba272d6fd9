// WebGPU against WebAssembly on one sample: drivers and providers have returned wrong numbers without an error.

import type { Classifier } from '../../craft/classifier.ts';
import { random } from '../../tensor/random.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** Share of the largest value that float32 in another order explains. */
const TOLERANCE = 1e-3;

/**
 * The classifier that `open` gives if its numbers are those of the trusted one; else the trusted one, whose `warnings`
 * then say why. The other of the two is released.
 */
export async function checkedClassifier(
  trusted: Classifier,
  open: () => Promise<Classifier>,
): Promise<Classifier> {
  let why: string;
  try {
    const suspect = await open();
    const found = await whyNotEqual(suspect, trusted);
    await (found === null ? trusted : suspect).release();
    if (found === null) return suspect;
    why = found;
  } catch (error) {
    why = (error as Error).message;
  }
  const notice = `WebGPU is not used, and WebAssembly runs the model: ${why}`;
  return { ...trusted, warnings: [...trusted.warnings, notice] };
}

/**
 * Why a classifier's numbers are not those of another, which is trusted; null if they are.
 * Compares g on a seeded random image, and h, whole and in the parts that importance runs, on what the trusted g gives.
 */
async function whyNotEqual(suspect: Classifier, trusted: Classifier): Promise<string | null> {
  const image = noise(trusted);
  try {
    const latent = await trusted.inputToLatent(image);
    const pairs: [string, Values, Values][] = [
      ['the latent', (await suspect.inputToLatent(image)).data, latent.data],
      ['the scores', (await suspect.latentToLogit(latent)).data, (await trusted.latentToLogit(latent)).data],
      ...(await foldPairs(suspect, trusted, latent)),
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

/** What both give of the parts of h, if h is parted by both. */
async function foldPairs(
  suspect: Classifier,
  trusted: Classifier,
  latent: Tensor,
): Promise<[string, Values, Values][]> {
  const request = { classId: 0, rank: 1 };
  const [a, b] = [await suspect.foldHead(request), await trusted.foldHead(request)];
  try {
    if (!a || !b || a.width !== b.width) return [];
    const basis = b.prefix ? await b.prefix(latent) : Float32Array.from(latent.data, Number);
    const pairs: [string, Values, Values][] = [];
    if (a.prefix && b.prefix) pairs.push(['the beginning of h', await a.prefix(latent), basis]);
    if (a.tail && b.tail) {
      const coefficients = Float32Array.of(1, 0.5);
      const rows = { coefficients, count: 2, basis, offset: new Float32Array(b.width) };
      pairs.push(['the end of h', await a.tail(rows), await b.tail(rows)]);
    }
    return pairs;
  } finally {
    await a?.release();
    await b?.release();
  }
}

type Values = Tensor['data'];

function compare(a: Values, b: Values): { difference: number; largest: number } {
  let difference = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    difference = Math.max(difference, Math.abs(Number(a[i]) - Number(b[i]))); // NaN stays NaN
    largest = Math.max(largest, Math.abs(Number(b[i])));
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
