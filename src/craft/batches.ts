// The inputs of g, batch by batch, whatever form they come in.

import { CraftError } from '../errors.ts';
import { checkTensor, sizeOf, type Tensor } from '../tensor/tensor.ts';

/** A batch of inputs: images [b,C,H,W] (or whatever g takes, inputs first), or texts. */
export type InputBatch = Tensor | string[];

/**
 * Inputs of a classifier: one tensor with N first, texts, or batches of either, drawn as they are needed.
 * An iterable that is used more than once must give the same batches every time.
 */
export type CraftInputs = Tensor | readonly string[] | AsyncIterable<InputBatch> | Iterable<InputBatch>;

/** A tensor [n, p] holds activations already: g does not run on it. */
export function areActivations(inputs: CraftInputs): inputs is Tensor {
  return isTensor(inputs) && inputs.dims.length === 2;
}

/** The batches of `inputs`, each of at most `batchSize` inputs where we cut them ourselves. */
export async function* batchesOf(
  inputs: CraftInputs,
  batchSize: number,
  signal?: AbortSignal,
): AsyncGenerator<InputBatch> {
  if (isTensor(inputs)) {
    checkTensor(inputs, 'inputs');
    yield* slices(inputs, batchSize, signal);
  } else if (Array.isArray(inputs) && inputs.every((item) => typeof item === 'string')) {
    for (let i = 0; i < inputs.length; i += batchSize) {
      checkAborted(signal);
      yield inputs.slice(i, i + batchSize);
    }
  } else if (isIterable(inputs)) {
    for await (const batch of inputs) {
      checkAborted(signal);
      if (isTensor(batch)) checkTensor(batch, 'inputs: batch');
      yield batch;
    }
  } else {
    throw new CraftError(
      'INPUT',
      `inputs: expected a tensor, an array of strings, or an iterable of batches; got ${typeof inputs}`,
    );
  }
}

function* slices(inputs: Tensor, batchSize: number, signal?: AbortSignal): Generator<Tensor> {
  const [count, ...rest] = inputs.dims;
  const size = sizeOf(rest);
  for (let i = 0; i < count; i += batchSize) {
    checkAborted(signal);
    const b = Math.min(batchSize, count - i);
    yield { data: inputs.data.subarray(i * size, (i + b) * size), dims: [b, ...rest] };
  }
}

/** Number of inputs of a batch. */
export function batchCount(batch: InputBatch): number {
  return isTensor(batch) ? batch.dims[0] : batch.length;
}

/** @throws {@link CraftError} `ABORTED` if the signal has fired. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new CraftError('ABORTED', 'run: stopped by its AbortSignal before it ended', {
      cause: signal.reason,
    });
  }
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dims' in value && 'data' in value;
}

function isIterable(value: unknown): value is AsyncIterable<InputBatch> | Iterable<InputBatch> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
