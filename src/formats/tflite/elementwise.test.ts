import { describe, expect, it } from 'vitest';
import { bool, buildTflite, float32, int8 } from '../../../test/models/tflite-builder.ts';
import {
  constant,
  expectClose,
  expectOperator,
  type Nd,
  nd,
  noise,
  oneOperator,
  opTypes,
  runImported,
} from '../../../test/models/tflite-run.ts';
import { CraftError } from '../../errors.ts';
import { tfliteToOnnx } from '../tflite.ts';
import { Activation } from './schema.ts';

const map = [1, 3, 4, 5];
const each = (f: (v: number, c: number) => number) => (x: Nd) =>
  nd(x.dims, (...i) => f(x.at(...i), i[i.length - 1]));

/** Φ(v), from the series of erf at v/√2; the terms fall below 1e-17 for |v| ≤ 3. */
function normalCdf(v: number): number {
  const z = v / Math.SQRT2;
  let term = z;
  let sum = z;
  for (let k = 1; k < 80; k++) {
    term *= (-z * z) / k;
    sum += term / (2 * k + 1);
  }
  return 0.5 * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}

describe('operators of one operand', () => {
  const softGate = (v: number) => 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  it.each([
    ['ABS', [], Math.abs],
    ['ELU', [], (v: number) => (v < 0 ? Math.exp(v) - 1 : v)],
    ['EXP', [], Math.exp],
    ['GELU', [bool(0, false)], (v: number) => v * normalCdf(v)],
    ['GELU', [bool(0, true)], (v: number) => v * softGate(v)],
    ['HARD_SWISH', [], (v: number) => (v * Math.min(6, Math.max(0, v + 3))) / 6],
    ['LEAKY_RELU', [float32(0, 0.25)], (v: number) => (v < 0 ? v / 4 : v)],
    ['LOGISTIC', [], (v: number) => 1 / (1 + Math.exp(-v))],
    ['NEG', [], (v: number) => -v],
    ['RELU', [], (v: number) => Math.max(0, v)],
    ['RELU_N1_TO_1', [], (v: number) => Math.min(1, Math.max(-1, v))],
    ['RELU6', [], (v: number) => Math.min(6, Math.max(0, v))],
    ['SQUARE', [], (v: number) => v * v],
    ['TANH', [], Math.tanh],
  ])('%s %j', async (op, options, f) => {
    // twice as far for ReLU6 to have something to cut, as far as the series of erf goes for the rest
    const far = op === 'RELU6' ? 8 : 3;
    await expectOperator({ op, options, x: map, y: [map] }, [each(f)], { low: -far, high: far });
  });

  it.each([
    ['SQRT', Math.sqrt],
    ['RSQRT', (v: number) => 1 / Math.sqrt(v)],
  ])('%s', async (op, f) => {
    await expectOperator({ op, x: map, y: [map] }, [each(f)], { low: 0.1, high: 5 });
  });
});

describe('operators of two operands', () => {
  const table: [string, (a: number, b: number) => number][] = [
    ['ADD', (a, b) => a + b],
    ['SUB', (a, b) => a - b],
    ['MUL', (a, b) => a * b],
    ['DIV', (a, b) => a / b],
    ['MAXIMUM', Math.max],
    ['MINIMUM', Math.min],
    ['SQUARED_DIFFERENCE', (a, b) => (a - b) ** 2],
  ];

  describe.each(table)('%s', (op, f) => {
    it.each([
      ['a channel', [5]],
      ['a row of channels', [4, 5]],
      ['a map', [1, 3, 4, 5]],
      ['a map of one cell', [1, 1, 1, 5]],
      ['a map of one channel', [1, 3, 4, 1]],
      ['a scalar', []],
      ['a vector of one', [1]],
    ])('broadcasts a constant: %s', async (_, dims) => {
      const b = noise(dims, 41, 0.5, 2);
      const pick = (index: number[]) => index.slice(4 - dims.length).map((v, k) => (dims[k] === 1 ? 0 : v));
      await expectOperator({ op, x: map, y: [map], constants: [constant(b)] }, [
        (x) => nd(x.dims, (...i) => f(x.at(...i), b.at(...pick(i)))),
      ]);
    });

    it('keeps the order of operands', async () => {
      const a = noise([5], 42, 0.5, 2);
      await expectOperator(
        { op, x: map, y: [map], constants: [constant(a)], inputs: [1, 0] },
        [(x) => nd(x.dims, (...i) => f(a.at(i[3]), x.at(...i)))],
        { low: 0.5, high: 2 },
      );
    });

    it('takes computed tensors of other sizes, and vectors', async () => {
      await expectOperator({ op, x: map, y: [map], inputs: [0, 0] }, [each((v) => f(v, v))], {
        low: 0.5,
        high: 2,
      });
      await expectOperator({ op, x: [1, 6], y: [[1, 6]], constants: [constant(noise([6], 43, 1, 2))] }, [
        (x) => nd(x.dims, (n, c) => f(x.at(n, c), noise([6], 43, 1, 2).at(c))),
      ]);
    });
  });

  it('ends in its fused activation', async () => {
    const b = noise([5], 44);
    const run = await expectOperator(
      { op: 'ADD', options: [int8(0, Activation.RELU)], x: map, y: [map], constants: [constant(b)] },
      [each((v, c) => Math.max(0, v + b.at(c)))],
    );
    expect(run.onnx.graph!.node.map((n) => n.name)).toEqual(['y/add', 'y']);
  });

  it('PRELU has a slope for each channel', async () => {
    const slope = noise([1, 1, 5], 45);
    await expectOperator({ op: 'PRELU', x: map, y: [map], constants: [constant(slope)] }, [
      each((v, c) => (v < 0 ? v * slope.at(0, 0, c) : v)),
    ]);
  });

  it('gates maps by their own means, as squeeze and excitation does', async () => {
    const bytes = buildTflite({
      tensors: [
        { name: 'x', shape: map },
        { name: 'axes', shape: [2], type: 'INT32', data: Int32Array.of(1, 2) },
        { name: 'means', shape: [1, 1, 1, 5] },
        { name: 'y', shape: map },
      ],
      operators: [
        { op: 'MEAN', inputs: [0, 1], outputs: [2], options: [bool(0, true)] },
        { op: 'MUL', inputs: [0, 2], outputs: [3] },
      ],
      inputs: [0],
      outputs: [3],
    });
    const x = noise([2, ...map.slice(1)], 46);
    const run = await runImported(bytes, x);
    expect(opTypes(run)).toEqual(['GlobalAveragePool', 'Mul']);
    const means = nd([2, 5], (n, c) => {
      let sum = 0;
      for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) sum += x.at(n, i, j, c) / 12;
      return sum;
    });
    expectClose(
      run.outputs[0],
      nd(x.dims, (n, i, j, c) => x.at(n, i, j, c) * means.at(n, c)),
    );
  });

  it('refuses a constant that differs from image to image', () => {
    const bytes = oneOperator({
      op: 'ADD',
      x: [1, 3],
      y: [[2, 3]],
      constants: [constant(noise([2, 3], 47))],
    });
    expect(() => tfliteToOnnx(bytes)).toThrow(CraftError);
  });
});
