// Runs a model and the two halves that it was cut into, in onnxruntime-node, and compares.

import * as ort from 'onnxruntime-node';
import { type CutModel, type CutOptions, cutModel, ORIGINAL_WEIGHTS } from '../../../src/onnx.ts';
import { random } from '../../../src/tensor/random.ts';

export type Feeds = Record<string, ort.Tensor>;
type ExternalData = { path: string; data: Uint8Array }[];

/** Runs a model once; one thread, since other tests run beside. */
export async function run(
  bytes: Uint8Array,
  feeds: Feeds,
  externalData: ExternalData = [],
): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    externalData,
  });
  const wanted = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]]));
  const results = await session.run(wanted);
  await session.release();
  return results as Record<string, ort.Tensor>;
}

/** A float32 tensor of numbers in [−1, 1). */
export function noise(dims: readonly number[], seed = 1): ort.Tensor {
  const rng = random(seed);
  const size = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: size }, () => 2 * rng.uniform() - 1),
    [...dims],
  );
}

/** An int64 tensor of whole numbers below `end`. */
export function wholeNumbers(dims: readonly number[], end: number, seed = 1): ort.Tensor {
  const rng = random(seed);
  const size = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    'int64',
    BigInt64Array.from({ length: size }, () => BigInt(rng.below(end))),
    [...dims],
  );
}

/** Largest difference of two outputs, as a share of the largest value. */
export function deviation(a: ort.Tensor, b: ort.Tensor): number {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  if (String(a.dims) !== String(b.dims)) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let largest = 1e-6;
  for (let i = 0; i < x.length; i++) {
    const difference = Math.abs(Number(x[i]) - Number(y[i]));
    if (!(difference <= worst)) worst = difference; // NaN counts
    largest = Math.max(largest, Math.abs(Number(y[i])));
  }
  return worst / largest;
}

/** Deviation of head(encoder(x)) from `expected`, and the halves. */
export async function cutDeviation(
  bytes: Uint8Array,
  layer: string,
  feeds: Feeds,
  expected: ort.Tensor,
  options: CutOptions = {},
): Promise<{ deviation: number; halves: CutModel; latent: ort.Tensor }> {
  const halves = cutModel(bytes, layer, options);
  const original = options.inline === false ? [{ path: ORIGINAL_WEIGHTS, data: bytes }] : [];
  const { inputName } = halves.latent;
  const latent = (await run(halves.encoder, feeds, original))[inputName];
  const outputs = await run(halves.head, { ...feeds, [inputName]: latent }, original);
  return { deviation: deviation(outputs[halves.output], expected), halves, latent };
}
