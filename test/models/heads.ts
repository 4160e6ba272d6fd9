// Heads of classifiers of the kinds that are met in practice, alone, with random weights: `latent` → `logits`.

import { GraphBuilder } from './builder.ts';

type Dims = readonly (number | string)[];

/** Begins a head; `build` makes the scores from the latent. */
function head(dims: Dims, classes: number, build: (b: GraphBuilder, latent: string) => string): GraphBuilder {
  const b = new GraphBuilder(12);
  const scores = build(b, b.input('latent', dims));
  b.output(b.node('Identity', [scores], {}, 'logits'), [dims[0], classes]);
  return b;
}

const gemm = (b: GraphBuilder, x: string, from: number, to: number): string =>
  b.node('Gemm', [x, b.weights([to, from]), b.weights([to])], { transB: 1 });

/** y = x W + bias, as torch exports a linear layer on tokens. */
const dense = (b: GraphBuilder, x: string, from: number, to: number): string =>
  b.node('Add', [b.node('MatMul', [x, b.weights([from, to])]), b.weights([to])]);

const pooled = (b: GraphBuilder, x: string): string => b.node('Flatten', [b.node('GlobalAveragePool', [x])]);

/** Global average pool, linear. */
export const resnetHead = (batch: number | string = 'N'): GraphBuilder =>
  head([batch, 16, 5, 7], 6, (b, x) => gemm(b, pooled(b, x), 16, 6));

/** Global average pool, 1 × 1 convolution, reshape. */
export const mobilenetHead = (): GraphBuilder =>
  head(['N', 16, 4, 4], 5, (b, x) => {
    const pool = b.node('GlobalAveragePool', [x]);
    const conv = b.node('Conv', [pool, b.weights([5, 16, 1, 1]), b.weights([5])], { kernel_shape: [1, 1] });
    return b.node('Reshape', [conv, b.ints([-1, 5])]);
  });

/** Global average pool, linear, HardSwish, linear. */
export const mobilenetV3Head = (batch: number | string = 'N'): GraphBuilder =>
  head([batch, 16, 4, 4], 5, (b, x) => {
    const hidden = b.node('HardSwish', [gemm(b, pooled(b, x), 16, 24)]);
    return gemm(b, hidden, 24, 5);
  });

/** Average pool over the whole map, in a window. */
export const windowHead = (): GraphBuilder =>
  head(['N', 8, 4, 4], 3, (b, x) => {
    const pool = b.node('AveragePool', [x], { kernel_shape: [4, 4] });
    const hidden = b.node('Relu', [gemm(b, b.node('Flatten', [pool]), 8, 12)]);
    return gemm(b, hidden, 12, 3);
  });

/** Flatten, linear, ReLU, linear. */
export const vggHead = (): GraphBuilder =>
  head(['N', 6, 3, 3], 4, (b, x) => {
    const hidden = b.node('Relu', [gemm(b, b.node('Flatten', [x]), 54, 20)]);
    return gemm(b, hidden, 20, 4);
  });

/** Flatten, linear: affine, but each location with weights of its own. */
export const flatHead = (): GraphBuilder =>
  head(['N', 6, 3, 3], 4, (b, x) => gemm(b, b.node('Flatten', [x]), 54, 4));

/** Convolution, ReLU, pool, linear. */
export const convHead = (): GraphBuilder =>
  head(['N', 6, 5, 5], 4, (b, x) => {
    const conv = b.node('Conv', [x, b.weights([8, 6, 3, 3])], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    return gemm(b, pooled(b, b.node('Relu', [conv])), 8, 4);
  });

/** ReLU first: nothing to fold. */
export const reluHead = (): GraphBuilder =>
  head(['N', 6, 4, 4], 4, (b, x) => gemm(b, pooled(b, b.node('Relu', [x])), 6, 4));

/** What reads tokens [N, T, C]: dense → tanh → dense on the first, or on a mean, or on the last. */
export const tokenHead = (reads: 'first' | 'mean' | 'mean-of-grid' | 'last'): GraphBuilder =>
  head(['N', 10, 12], 3, (b, x) => {
    const mean = (t: string): string => b.node('ReduceMean', [t], { axes: [1], keepdims: 0 });
    const grid = (): string => b.node('Slice', [x, b.ints([1]), b.ints([2 ** 40]), b.ints([1])]);
    const gather = (at: number): string => b.node('Gather', [x, b.ints([at], [])], { axis: 1 });
    const vector = {
      first: () => gather(0),
      last: () => gather(-1),
      mean: () => mean(x),
      'mean-of-grid': () => mean(grid()),
    }[reads]();
    return dense(b, b.node('Tanh', [dense(b, vector, 12, 9)]), 9, 3);
  });

/** A linear layer on every token, then GELU's erf, then the mean: linear, but not on one vector. */
export const tokenwiseHead = (): GraphBuilder =>
  head(['N', 10, 12], 3, (b, x) => {
    const hidden = b.node('Erf', [dense(b, x, 12, 9)]);
    return dense(b, b.node('ReduceMean', [hidden], { axes: [1], keepdims: 0 }), 9, 3);
  });

/** A sentence vector through an MLP: dense → tanh → dense. */
export const vectorHead = (batch: number | string = 'N'): GraphBuilder =>
  head([batch, 12], 3, (b, x) => dense(b, b.node('Tanh', [dense(b, x, 12, 30)]), 30, 3));

/** The mean over the tokens that a mask names, as sentence encoders have it: the head reads the mask as well. */
export const maskedMeanHead = (): GraphBuilder =>
  head(['N', 10, 12], 3, (b, x) => {
    const mask = b.input('mask', ['N', 10]);
    const column = b.node('Unsqueeze', [mask, b.ints([2])]);
    const sum = b.node('ReduceSum', [b.node('Mul', [x, column]), b.ints([1])], { keepdims: 0 });
    const count = b.node('ReduceSum', [mask, b.ints([1])], { keepdims: 1 });
    return dense(b, b.node('Div', [sum, count]), 12, 3);
  });
