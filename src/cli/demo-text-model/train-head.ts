// A classifier head on fixed embeddings: dense, ReLU, dense, softmax; trained by Adam on cross-entropy.
//
// Notation: x [n, p] embeddings, H hidden units, z = ReLU(x W₁ + b₁) [n, H], logits = z W₂ + b₂ [n, C].

import { type Random, random, shuffle } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** The two dense layers of a head. */
export interface TextHead {
  /** W₁ [p, H], b₁ [H]. */
  readonly kernel1: Tensor<Float32Array>;
  readonly bias1: Tensor<Float32Array>;
  /** W₂ [H, C], b₂ [C]. */
  readonly kernel2: Tensor<Float32Array>;
  readonly bias2: Tensor<Float32Array>;
}

export interface TrainOptions {
  readonly hidden: number;
  readonly classes: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Decoupled, as in AdamW; on the kernels only. */
  readonly weightDecay: number;
  readonly seed: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Trains a head; every class weighs the same however many examples it has. The same seed and embeddings give
 * the same head on the same engine. Cost O(epochs · n · p · H).
 *
 * @param x - embeddings [n, p].
 * @param labels - class of each, 0 … classes − 1.
 * @see Kingma and Ba (2015), arXiv 1412.6980; Loshchilov and Hutter (2019), arXiv 1711.05101.
 */
export function trainHead(x: Tensor<Float32Array>, labels: Uint8Array, options: TrainOptions): TextHead {
  const [n, p] = x.dims;
  const { hidden: H, classes: C, seed } = options;
  const rng = random(seed);
  const parameters = [
    parameter(uniform(rng, p * H, Math.sqrt(6 / p)), [p, H], options.weightDecay),
    parameter(new Float32Array(H), [H], 0),
    parameter(uniform(rng, H * C, Math.sqrt(6 / (H + C))), [H, C], options.weightDecay),
    parameter(new Float32Array(C), [C], 0),
  ];
  const weights = classWeights(labels, C);
  const order = Array.from({ length: n }, (_, i) => i);
  const steps = options.epochs * Math.ceil(n / options.batchSize);
  let step = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, rng);
    for (let start = 0; start < n; start += options.batchSize) {
      const batch = order.slice(start, start + options.batchSize);
      addGradients(x, labels, weights, batch, parameters);
      // a rate that falls to nothing: the last steps average out the noise of the batches
      const rate = options.learningRate * (1 - step / steps);
      step++;
      for (const q of parameters) adamStep(q, rate, step);
    }
  }
  const [kernel1, bias1, kernel2, bias2] = parameters.map(({ data, dims }) => ({ data, dims }));
  return { kernel1, bias1, kernel2, bias2 };
}

/** Class scores of embeddings [n, p]: [n, C]. */
export function headLogits(head: TextHead, x: Tensor<Float32Array>): Tensor<Float32Array> {
  const [n] = x.dims;
  const C = head.bias2.dims[0];
  const data = new Float32Array(n * C);
  const z = new Float64Array(head.bias1.dims[0]);
  for (let i = 0; i < n; i++) data.set(forward(parametersOf(head), rowOf(x, i), z), i * C);
  return { data, dims: [n, C] };
}

interface Parameter {
  readonly data: Float32Array;
  readonly dims: readonly number[];
  readonly decay: number;
  readonly gradient: Float64Array;
  /** Moments of the gradient. */
  readonly m: Float64Array;
  readonly v: Float64Array;
}

function parameter(data: Float32Array, dims: readonly number[], decay: number): Parameter {
  const zeros = (): Float64Array => new Float64Array(data.length);
  return { data, dims, decay, gradient: zeros(), m: zeros(), v: zeros() };
}

function parametersOf({ kernel1, bias1, kernel2, bias2 }: TextHead): { data: Float32Array }[] {
  return [kernel1, bias1, kernel2, bias2];
}

/** Adds the mean gradient of a batch. */
function addGradients(
  x: Tensor<Float32Array>,
  labels: Uint8Array,
  weights: readonly number[],
  batch: readonly number[],
  parameters: readonly Parameter[],
): void {
  const [W1, b1, W2, b2] = parameters;
  const [p, H] = W1.dims;
  const C = b2.data.length;
  const z = new Float64Array(H);
  const dz = new Float64Array(H);
  for (const i of batch) {
    const row = rowOf(x, i);
    const share = softmax(forward(parameters, row, z));
    dz.fill(0);
    for (let c = 0; c < C; c++) {
      const d = ((share[c] - (labels[i] === c ? 1 : 0)) * weights[labels[i]]) / batch.length;
      b2.gradient[c] += d;
      for (let j = 0; j < H; j++) {
        W2.gradient[j * C + c] += d * z[j];
        dz[j] += d * W2.data[j * C + c];
      }
    }
    for (let j = 0; j < H; j++) if (z[j] === 0) dz[j] = 0;
    for (let j = 0; j < H; j++) b1.gradient[j] += dz[j];
    for (let k = 0; k < p; k++) {
      const a = row[k];
      for (let j = 0, at = k * H; j < H; j++, at++) W1.gradient[at] += a * dz[j];
    }
  }
}

/** Logits of one embedding; leaves z in `z`. */
function forward(
  parameters: readonly { data: Float32Array }[],
  row: Float32Array,
  z: Float64Array,
): Float64Array {
  const [W1, b1, W2, b2] = parameters.map(({ data }) => data);
  const H = z.length;
  const C = b2.length;
  z.set(b1);
  for (let k = 0; k < row.length; k++) {
    const a = row[k];
    for (let j = 0, at = k * H; j < H; j++, at++) z[j] += a * W1[at];
  }
  const logits = Float64Array.from(b2);
  for (let j = 0; j < H; j++) {
    if (z[j] < 0) z[j] = 0;
    for (let c = 0; c < C; c++) logits[c] += z[j] * W2[j * C + c];
  }
  return logits;
}

function softmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const e = logits.map((y) => Math.exp(y - most));
  const sum = e.reduce((a, b) => a + b);
  return e.map((y) => y / sum);
}

/** One AdamW step with the gradient, which is then 0. */
function adamStep({ data, decay, gradient, m, v }: Parameter, rate: number, step: number): void {
  const correction1 = 1 - BETA1 ** step;
  const correction2 = 1 - BETA2 ** step;
  for (let k = 0; k < data.length; k++) {
    const g = gradient[k];
    m[k] = BETA1 * m[k] + (1 - BETA1) * g;
    v[k] = BETA2 * v[k] + (1 - BETA2) * g * g;
    const move = m[k] / correction1 / (Math.sqrt(v[k] / correction2) + EPSILON);
    data[k] -= rate * (move + decay * data[k]);
    gradient[k] = 0;
  }
}

/** Weights with mean 1 that give every class the same sum. */
function classWeights(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts.map((count) => labels.length / (classes * Math.max(count, 1)));
}

function uniform(rng: Random, size: number, bound: number): Float32Array {
  return Float32Array.from({ length: size }, () => (2 * rng.uniform() - 1) * bound);
}

function rowOf({ data, dims }: Tensor<Float32Array>, i: number): Float32Array {
  return data.subarray(i * dims[1], (i + 1) * dims[1]);
}
