// One small network in the words of each operator set, against central differences.

import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { modelDeviation } from './gradients.ts';

/** Writes the ops whose attributes became inputs, each from the operator set on that changed it. */
class Words {
  readonly b = new GraphBuilder(6);
  readonly opset: number;

  constructor(opset: number) {
    this.opset = opset;
  }

  /** A list of whole numbers: an attribute before the operator set `since`, then an input. */
  listed(op: string, x: string, since: number, name: string, values: readonly number[], rest = {}): string {
    return this.opset < since
      ? this.b.node(op, [x], { [name]: values, ...rest })
      : this.b.node(op, [x, this.b.ints(values)], rest);
  }

  clip(x: string, low: number, high: number): string {
    const { b } = this;
    if (this.opset < 11) return b.node('Clip', [x], { min: { float: low }, max: { float: high } });
    return b.node('Clip', [x, b.floats([low], []), b.floats([high], [])]);
  }

  dropout(x: string): string {
    const { b } = this;
    if (this.opset < 12) return b.node('Dropout', [x], { ratio: { float: 0.5 } });
    return b.node('Dropout', [x, b.floats([0.5], [])]);
  }

  twice(x: string): string {
    const { b } = this;
    const scales = b.floats([1, 1, 2, 2], [4]);
    if (this.opset < 10) return b.node('Upsample', [x, scales], { mode: 'nearest' });
    if (this.opset < 11) return b.node('Resize', [x, scales], { mode: 'linear' });
    const region = this.opset < 13 ? b.floats([], [0]) : '';
    return b.node('Resize', [x, region, scales], { mode: 'linear' });
  }

  slice(x: string, starts: readonly number[], ends: readonly number[], axes: readonly number[]): string {
    const { b } = this;
    if (this.opset < 10) return b.node('Slice', [x], { starts, ends, axes });
    return b.node('Slice', [x, ...[starts, ends, axes].map((values) => b.ints(values))]);
  }

  /** In the middle. */
  split(x: string, size: number): readonly string[] {
    const { b, opset } = this;
    const names = [`first_${x}`, `second_${x}`];
    if (opset >= 18) return b.nodes('Split', [x], names, { axis: 1, num_outputs: 2 });
    if (opset >= 13) return b.nodes('Split', [x, b.ints([size, size])], names, { axis: 1 });
    return b.nodes('Split', [x], names, { axis: 1, split: [size, size] });
  }

  norm(x: string): string {
    const { b, opset } = this;
    const ones = [b.weights([4]), b.weights([4]), b.weights([4]), b.floats([0.5, 1, 1.5, 2], [4])];
    const map = b.node('BatchNormalization', [x, ...ones]);
    if (opset < 18) return map;
    const size = opset < 21 ? 2 : 4;
    const epsilon = { float: 0.01 };
    const factors = [b.weights([size]), b.weights([size])];
    return b.node('GroupNormalization', [map, ...factors], { num_groups: 2, epsilon });
  }
}

/** x0 [N, 4, 4, 4] → y [N, 2]. */
function network(opset: number): Uint8Array {
  const words = new Words(opset);
  const { b } = words;
  // the inputs of the test lie 0.15 and more from these bounds; a third is outside
  const inside = words.clip(b.input('x0', ['N', 4, 4, 4]), -1.5, 1.8);
  const conv = b.node('Conv', [inside, b.weights([4, 4, 3, 3])], { pads: [1, 1, 1, 1] });
  const normal = b.node('Tanh', [words.dropout(words.norm(conv))]);
  const padded = words.listed('Pad', normal, 11, 'pads', [0, 0, 1, 0, 0, 0, 0, 1], { mode: 'constant' });
  const large = words.slice(words.twice(padded), [1, 2], [9, -1], [2, 3]);
  const [gate, map] = words.split(large, 2);
  const rows = words.listed('ReduceMean', b.node('Mul', [gate, map]), 18, 'axes', [3], { keepdims: 0 });
  // sharp enough that the slope is large against the noise of float32
  const sharp = b.node('Mul', [rows, b.floats([opset < 17 ? 6 : 2], [])]);
  // over axes 1 and 2 together before operator set 13
  const shares = b.node('Softmax', [sharp], { axis: 1 });
  const wide = words.listed('Unsqueeze', shares, 13, 'axes', [1]);
  let tokens = words.listed('Squeeze', wide, 13, 'axes', [1]);
  if (opset >= 17) {
    const factors = [b.weights([8]), b.weights([8])];
    tokens = b.node('LayerNormalization', [tokens, ...factors], { epsilon: { float: 0.01 } });
  }
  const product = b.node('MatMul', [tokens, b.weights([8, 5])]);
  const active = b.node(opset >= 20 ? 'Gelu' : 'Sigmoid', [product]);
  b.output(words.listed('ReduceSum', active, 13, 'axes', [2], { keepdims: 0 }), null);
  return b.bytes(opset, 8);
}

describe.each(Array.from({ length: 14 }, (_, i) => 9 + i))('operator set %i', (opset) => {
  it('has the gradient of its difference quotients', async () => {
    const bytes = network(opset);
    expect(inspectModel(bytes).gradients).toEqual({ supported: true, missingOps: [] });
    // float32 noise of a few layers over steps of 0.02, as in differentiate-ops.test.ts
    expect(await modelDeviation(bytes, [{ dims: [1, 4, 4, 4] }])).toBeLessThan(2e-3);
  });
});
