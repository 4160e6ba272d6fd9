// Norms and Gelu that an exporter wrote out: joined where they are that, left alone where they only look like it.

import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { cutModel, differentiate } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { modelDeviation } from './gradients.ts';
import { deviation, noise, run } from './halves.ts';
import { composedVjp, vjp } from './vjp.ts';

interface Form {
  readonly axis?: number;
  readonly exponent?: number;
  readonly half?: number;
  readonly isOld?: boolean;
}

/** x0 [2, 3, 8] → norm → product → Gelu. `isOld` takes the other way to write each. */
function network({ axis = -1, exponent = 2, half = 0.5, isOld = false }: Form): GraphBuilder {
  const b = new GraphBuilder(8);
  const x = b.input('x0', [2, 3, 8]);
  const scalar = (value: number): string => b.floats([value], []);
  const mean = (t: string): string => b.node('ReduceMean', [t], { axes: [axis], keepdims: 1 });
  const deviation = b.node('Sub', [x, mean(x)], {}, 'deviation');
  const square = isOld ? b.node('Mul', [deviation, deviation]) : b.node('Pow', [deviation, scalar(exponent)]);
  const root = b.node('Sqrt', [b.node('Add', [mean(square), scalar(0.1)])]);
  const normal = b.node('Div', [deviation, root]);
  const scaled = b.node('Mul', isOld ? [b.weights([8]), normal] : [normal, b.weights([8])]);
  const map = b.node('MatMul', [b.node('Add', [scaled, b.weights([8])]), b.weights([8, 6])], {}, 'map');
  const ratio = isOld
    ? b.node('Mul', [map, scalar(Math.SQRT1_2)])
    : b.node('Div', [map, scalar(1.4142135381698608)]);
  const share = b.node('Add', [b.node('Erf', [ratio]), scalar(1)]);
  const y = isOld
    ? b.node('Mul', [b.node('Mul', [map, scalar(half)]), share])
    : b.node('Mul', [b.node('Mul', [map, share]), scalar(half)]);
  b.output(y, null);
  return b;
}

function gradientOps(bytes: Uint8Array, withRespectTo: string): string[] {
  const { graph } = decodeModel(bytes);
  const model = differentiate(bytes, { of: graph!.output[0].name, withRespectTo });
  return decodeModel(model).graph!.node.map((n) => n.opType);
}

const inputs = [{ dims: [2, 3, 8] }];

describe.each([{ isOld: false }, { isOld: true }])('as torch writes them, %o', (form) => {
  const bytes = network(form).bytes(16, 8);

  it('are one op each, of the same slope', async () => {
    expect(gradientOps(bytes, 'x0')).toEqual(expect.arrayContaining(['LayerNormalization', 'Gelu']));
    // as in differentiate-ops.test.ts
    expect(await modelDeviation(bytes, inputs)).toBeLessThan(2e-3);
  });

  it('stay apart where a gradient is taken inside', async () => {
    expect(gradientOps(bytes, 'deviation')).not.toContain('LayerNormalization');
    const of = decodeModel(bytes).graph!.output[0].name;
    const halves = cutModel(bytes, 'deviation', { output: of });
    const feeds = { x0: noise([2, 3, 8]) };
    const latent = (await run(halves.encoder, feeds)).deviation;
    const v = noise([2, 3, 6], 2);
    const { atLatent, atInput } = await composedVjp(halves, 'x0', feeds, latent, v);
    const inside = await vjp(bytes, of, ['deviation'], feeds, v);
    // float32 in another order
    expect(deviation(atLatent, inside.deviation)).toBeLessThan(1e-5);
    expect(deviation(atInput, (await vjp(bytes, of, ['x0'], feeds, v)).x0)).toBeLessThan(1e-5);
  });
});

describe('what only looks like them', () => {
  it.each([
    ['another axis', { axis: 1 }, 'LayerNormalization'],
    ['another factor', { half: 0.6 }, 'Gelu'],
  ] as const)('%s: is differentiated as it is', async (_, form, op) => {
    const bytes = network(form).bytes(16, 8);
    expect(gradientOps(bytes, 'x0')).not.toContain(op);
    expect(await modelDeviation(bytes, inputs)).toBeLessThan(2e-3);
  });

  it('another power: stays', () => {
    // no difference quotient: ONNX Runtime 1.30 itself takes any power for a square here, and joins the ops
    const bytes = network({ exponent: 4 }).bytes(16, 8);
    expect(gradientOps(bytes, 'x0')).not.toContain('LayerNormalization');
  });
});

describe.each([
  [true, 'Sigmoid'],
  [false, 'Sigmoid'],
  [true, 'HardSigmoid'],
  [false, 'HardSigmoid'],
] as const)('x · s(x), behind a Conv: %s, s %s', (isMap, op) => {
  function silu(isFirst: boolean, isReadTwice = false): Uint8Array {
    const b = new GraphBuilder(9);
    const image = b.input('x0', [1, 8, 3, 3]);
    const x = isMap ? b.node('Conv', [image, b.weights([8, 8, 1, 1])]) : b.node('Sin', [image]);
    const isHard = op === 'HardSigmoid';
    const s = b.node(op, [x], isHard ? { alpha: { float: 0.12 }, beta: { float: 0.42 } } : {}, 's');
    const y = b.node('Mul', isFirst ? [x, s] : [s, x]);
    b.output(isReadTwice ? b.node('Add', [y, s], {}, 'y') : b.node('Identity', [y], {}, 'y'), null);
    return b.bytes(20, 9);
  }

  it.each([
    [true, false],
    [false, false],
    [true, true],
  ])('has its slope: x first %s, s read again %s', async (isFirst, isReadTwice) => {
    const bytes = silu(isFirst, isReadTwice);
    // as above
    expect(await modelDeviation(bytes, [{ dims: [1, 8, 3, 3] }])).toBeLessThan(2e-3);
  });

  it('has the gradient by s, too', async () => {
    const [feeds, v] = [{ x0: noise([1, 8, 3, 3]) }, noise([1, 8, 3, 3], 2)];
    const both = await vjp(silu(true), 'y', ['x0', 's'], feeds, v);
    const alone = await vjp(silu(true), 'y', ['x0'], feeds, v);
    expect(deviation(both.x0, alone.x0)).toBeLessThan(1e-5);
    expect((both.s.data as Float32Array).some((g) => g !== 0)).toBe(true);
  });
});
