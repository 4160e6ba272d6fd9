// Runs differentiated models: the vector-Jacobian product of a model, and that of the halves of a cut.

import type * as ort from 'onnxruntime-node';
import { type CutModel, differentiate, ORIGINAL_WEIGHTS } from '../../../src/onnx.ts';
import { type Feeds, run } from './halves.ts';

/** Gradients of Σ v · of, by the tensor that they are with respect to. */
export async function vjp(
  bytes: Uint8Array,
  of: string,
  withRespectTo: readonly string[],
  feeds: Feeds,
  v: ort.Tensor,
): Promise<Record<string, ort.Tensor>> {
  const model = differentiate(bytes, { of, withRespectTo });
  const weights = [{ path: ORIGINAL_WEIGHTS, data: bytes }];
  const results = await run(model, { ...feeds, [`${of}/cotangent`]: v }, weights);
  return Object.fromEntries(withRespectTo.map((name) => [name, results[`${name}/gradient`]]));
}

/** The gradient with respect to `input`, back through the head and then the encoder. */
export async function composedVjp(
  halves: CutModel,
  input: string,
  feeds: Feeds,
  latent: ort.Tensor,
  v: ort.Tensor,
): Promise<{ atLatent: ort.Tensor; atInput: ort.Tensor }> {
  const { inputName } = halves.latent;
  const headFeeds = { ...feeds, [inputName]: latent };
  const atLatent = (await vjp(halves.head, halves.output, [inputName], headFeeds, v))[inputName];
  const atInput = (await vjp(halves.encoder, inputName, [input], feeds, atLatent))[input];
  return { atLatent, atInput };
}

/** Σ a · b. */
export function dot(a: ort.Tensor, b: ort.Tensor): number {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
