// Signs and affine heads, op by op: what may be said and what may not.

import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import { inspectModel } from './inspect.ts';

/** x → Relu `before` → what `add` makes → `after` → linear: the layer `after`, or the layer `before`. */
function layer(add: (b: GraphBuilder, before: string) => string, which: 'before' | 'after', opset = 17) {
  const b = new GraphBuilder();
  const x = b.input('x', ['N', 2, 4, 4]);
  b.input('side', ['N', 1, 1, 1]);
  const made = add(b, b.node('Relu', [x], {}, 'before'));
  const after = b.node('Identity', [made], {}, 'after');
  const pooled = b.node('GlobalAveragePool', [after]);
  b.output(b.node('Gemm', [b.node('Flatten', [pooled]), b.weights([2, 3])], {}, 'y'), ['N', 3]);
  return inspectModel(b.bytes(opset)).layers.find((l) => l.tensor === which)!;
}

const positive = (b: GraphBuilder) => b.floats([0.5], [1]);
const negative = (b: GraphBuilder) => b.floats([-0.5], [1]);

describe('nonNegative', () => {
  it.each<[string, (b: GraphBuilder, t: string) => string]>([
    ['Sigmoid', (b, t) => b.node('Sigmoid', [b.node('Neg', [t])])],
    ['Clip from 0', (b, t) => b.node('Clip', [b.node('Neg', [t]), b.floats([0], []), b.floats([6], [])])],
    ['Max with 0', (b, t) => b.node('Max', [b.node('Neg', [t]), b.floats([0], [1])])],
    ['Add of non-negatives', (b, t) => b.node('Add', [t, positive(b)])],
    ['Mul of non-negatives', (b, t) => b.node('Mul', [t, b.node('Sigmoid', [t])])],
    ['MaxPool', (b, t) => b.node('MaxPool', [t], { kernel_shape: [2, 2] })],
    ['Concat', (b, t) => b.node('Concat', [t, b.node('Abs', [t])], { axis: 2 })],
    ['Transpose', (b, t) => b.node('Transpose', [t], { perm: [0, 1, 3, 2] })],
    ['Pad with 0', (b, t) => b.node('Pad', [t, b.ints([0, 0, 1, 1, 0, 0, 1, 1])])],
    ['Conv with non-negative weights', (b, t) => b.node('Conv', [t, b.floats([1, 0, 0, 1], [2, 2, 1, 1])])],
  ])('is known of %s', (_, add) => {
    expect(layer(add, 'after').nonNegative).toBe(true);
  });

  it.each<[string, (b: GraphBuilder, t: string) => string]>([
    ['Neg', (b, t) => b.node('Neg', [t])],
    ['Sub', (b, t) => b.node('Sub', [t, positive(b)])],
    ['Add of a negative', (b, t) => b.node('Add', [t, negative(b)])],
    ['Mul by a negative', (b, t) => b.node('Mul', [t, negative(b)])],
    ['Clip from −1', (b, t) => b.node('Clip', [b.node('Neg', [t]), b.floats([-1], [])])],
    ['Clip without a minimum', (b, t) => b.node('Clip', [b.node('Neg', [t])])],
    ['Max of unknown signs', (b, t) => b.node('Max', [b.node('Neg', [t]), negative(b)])],
    ['Pad with −1', (b, t) => b.node('Pad', [t, b.ints([0, 0, 1, 1, 0, 0, 1, 1]), b.floats([-1], [])])],
    ['Log', (b, t) => b.node('Log', [t])],
    ['Conv with a negative weight', (b, t) => b.node('Conv', [t, b.floats([1, 0, 0, -1], [2, 2, 1, 1])])],
    ['LeakyRelu of unknown sign', (b, t) => b.node('LeakyRelu', [b.node('Neg', [t])])],
  ])('is not claimed of %s', (_, add) => {
    expect(layer(add, 'after').nonNegative).toBeNull();
  });

  it('reads the attributes that Clip has before version 11', () => {
    const clip = (min: number) => (b: GraphBuilder, t: string) =>
      b.node('Clip', [b.node('Neg', [t])], { min: { float: min }, max: { float: 6 } });
    expect(layer(clip(0), 'after', 9).nonNegative).toBe(true);
    expect(layer(clip(-1), 'after', 9).nonNegative).toBeNull();
  });
});

describe('linearHead', () => {
  it.each<[string, (b: GraphBuilder, t: string) => string]>([
    ['Conv', (b, t) => b.node('Conv', [t, b.weights([2, 2, 1, 1]), b.weights([2])])],
    ['scale and shift', (b, t) => b.node('Add', [b.node('Mul', [t, negative(b)]), negative(b)])],
    ['Div by a constant', (b, t) => b.node('Div', [t, positive(b)])],
    ['AveragePool', (b, t) => b.node('AveragePool', [t], { kernel_shape: [2, 2] })],
    ['Pad', (b, t) => b.node('Pad', [t, b.ints([0, 0, 1, 1, 0, 0, 1, 1])])],
    ['Slice', (b, t) => b.node('Slice', [t, b.ints([0]), b.ints([2]), b.ints([2])])],
    ['a sum with itself', (b, t) => b.node('Add', [t, b.node('Transpose', [t], { perm: [0, 1, 3, 2] })])],
    ['Cast between floats', (b, t) => b.node('Cast', [b.node('Cast', [t], { to: 11 })], { to: 1 })],
  ])('holds through %s', (_, add) => {
    expect(layer(add, 'before').linearHead).toBe(true);
  });

  it.each<[string, (b: GraphBuilder, t: string) => string]>([
    ['Relu', (b, t) => b.node('Relu', [t])],
    ['MaxPool', (b, t) => b.node('MaxPool', [t], { kernel_shape: [2, 2] })],
    ['a product with itself', (b, t) => b.node('Mul', [t, t])],
    ['a division by itself', (b, t) => b.node('Div', [positive(b), t])],
    ['a gate', (b, t) => b.node('Mul', [t, b.node('Sigmoid', [t])])],
    ['a factor that another input gives', (b, t) => b.node('Mul', [t, 'side'])],
    ['a sum with another input', (b, t) => b.node('Add', [t, 'side'])],
    ['a cast to whole numbers', (b, t) => b.node('Cast', [b.node('Cast', [t], { to: 7 })], { to: 1 })],
  ])('ends at %s', (_, add) => {
    expect(layer(add, 'before').linearHead).toBe(false);
    expect(layer(add, 'after').linearHead).toBe(true);
  });
});
