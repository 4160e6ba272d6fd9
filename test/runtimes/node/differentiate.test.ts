// What differentiation promises of whole networks: the chain rule at every cut, and slopes that are those of the
// function.

import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { cutModel, differentiate, inspectModel } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import {
  channelsLastNetwork,
  quantizedNetwork,
  residualNetwork,
  sharedWeightsNetwork,
  visionTransformer,
} from '../../models/networks.ts';
import { deviation, type Feeds, noise, run, wholeNumbers } from './halves.ts';
import { composedVjp, dot, vjp } from './vjp.ts';

/** The same sums in float32, in another order: some hundred roundings of 6e-8. */
const ROUNDING = 2e-5;

const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/models/${name}.onnx`, import.meta.url)));

const mask = BigInt64Array.from({ length: 33 }, (_, i) => (i % 11 < 8 ? 1n : 0n));
const image = { x: noise([3, 3, 12, 12]) };

const models: [name: string, bytes: () => Uint8Array, feeds: Feeds][] = [
  ['cnn', () => golden('cnn'), { input: noise([3, 3, 64, 64]) }],
  ['tv', () => golden('tv'), { input: noise([3, 3, 96, 96]) }],
  [
    'text',
    () => golden('text'),
    { input_ids: wholeNumbers([3, 11], 103), attention_mask: new Tensor('int64', mask, [3, 11]) },
  ],
  ['residual', () => residualNetwork().bytes(), image],
  ['residual, opset 9', () => residualNetwork().bytes(9, 3), image],
  ['residual, opset 22', () => residualNetwork().bytes(22, 10), image],
  ['residual, batch of 1', () => residualNetwork(1).bytes(), { x: noise([1, 3, 12, 12]) }],
  ['transformer, CLS', () => visionTransformer('cls').bytes(), { x: noise([3, 3, 8, 8]) }],
  ['transformer, mean', () => visionTransformer('mean').bytes(), { x: noise([3, 3, 8, 8]) }],
  ['channels last', () => channelsLastNetwork().bytes(), { x: noise([3, 10, 10, 3]) }],
  ['quantized', () => quantizedNetwork().bytes(), { x: noise([3, 3, 6, 6]) }],
  ['shared weights', () => sharedWeightsNetwork().bytes(), { x: noise([3, 32]) }],
];

describe.each(models)('%s', (name, makeBytes, feeds) => {
  it('has the gradients of head and encoder in one, at every cut', async () => {
    const bytes = makeBytes();
    const { input, inputs, layers, logits } = inspectModel(bytes);
    const isFloat = inputs.find((i) => i.name === input)?.type === 'float32';
    // token ids have no slope: the first layer of floats stands for them
    const source = isFloat ? input : layers[0].tensor;
    const tried = isFloat ? layers : layers.slice(1);
    const latents = tried.map((l) => l.tensor);
    const v = noise(await logitDims(bytes, logits, feeds), 3);
    const whole = await vjp(bytes, logits, [source, ...latents], feeds, v);
    expect(latents.length).toBeGreaterThan(0);
    let [first, from] = [feeds[source], bytes];
    if (!isFloat) {
      const cut = cutModel(bytes, source, { output: logits });
      first = (await run(cut.encoder, feeds))[source];
      from = cut.head;
    }
    for (const tensor of latents) {
      const halves = cutModel(from, tensor, { output: logits });
      const own = { ...feeds, [source]: first };
      const latent = (await run(halves.encoder, own))[tensor];
      const { atLatent, atInput } = await composedVjp(halves, source, own, latent, v);
      expect(deviation(atLatent, whole[tensor]), `${name} ${tensor}`).toBeLessThan(ROUNDING);
      expect(deviation(atInput, whole[source]), `${name} ${tensor}`).toBeLessThan(ROUNDING);
    }
  });
});

async function logitDims(bytes: Uint8Array, logits: string, feeds: Feeds): Promise<number[]> {
  const { input, layers } = inspectModel(bytes);
  const halves = cutModel(bytes, layers.at(-1)!.tensor, { output: logits });
  const latent = await run(halves.encoder, feeds);
  const out = await run(halves.head, { ...feeds, ...latent, [input]: feeds[input] });
  return [...out[halves.output].dims];
}

describe('the slope along a direction', () => {
  // no kinks in these two: the difference quotient is that of a smooth function
  it.each([
    ['transformer, CLS', () => visionTransformer('cls').bytes(), 'x', [2, 3, 8, 8]],
    ['transformer, mean', () => visionTransformer('mean').bytes(), 'x', [2, 3, 8, 8]],
  ] as const)('is Σ gradient · direction: %s', async (_, makeBytes, input, dims) => {
    const bytes = makeBytes();
    const { logits, outputs } = inspectModel(bytes);
    expect(outputs.map((o) => o.name)).toContain(logits);
    const [x, direction] = [noise(dims, 1), noise(dims, 2)];
    const v = noise((await run(bytes, { [input]: x }))[logits].dims, 3);
    const gradient = (await vjp(bytes, logits, [input], { [input]: x }, v))[input];
    const along = async (step: number): Promise<number> => {
      const data = (x.data as Float32Array).map(
        (value, i) => value + step * (direction.data as Float32Array)[i],
      );
      return dot((await run(bytes, { [input]: new Tensor('float32', data, [...dims]) }))[logits], v);
    };
    const quotient = async (h: number): Promise<number> => ((await along(h)) - (await along(-h))) / (2 * h);
    // Richardson: the error is of order h⁴
    const expected = (4 * (await quotient(0.005)) - (await quotient(0.01))) / 3;
    // float32 noise of 1e-6 over steps of 0.005; measured ≤ 2e-4
    expect(Math.abs(dot(gradient, direction) / expected - 1)).toBeLessThan(2e-3);
  });
});

describe('the result', () => {
  it('is the same with the weights inside', async () => {
    const bytes = golden('cnn');
    const feeds = { input: noise([2, 3, 64, 64]) };
    const { logits } = inspectModel(bytes);
    const v = noise([2, 4], 3);
    const inside = differentiate(bytes, { of: logits, withRespectTo: 'input', inline: true });
    const results = await run(inside, { ...feeds, [`${logits}/cotangent`]: v });
    const outside = (await vjp(bytes, logits, ['input'], feeds, v)).input;
    expect(deviation(results['input/gradient'], outside)).toBe(0);
    expect(deviation(results[logits], (await run(bytes, feeds))[logits])).toBeLessThan(ROUNDING);
  });
});

describe('quantisation', () => {
  it.each([
    [0, [0.1]],
    [100, [0.1]],
    [100, [0.1, 0.2, 0.05]],
  ])(
    'is passed straight through, but not where it saturates: zero point %i, scales %j',
    async (zero, scales) => {
      const b = new GraphBuilder();
      const x = b.input('x', ['N', 3, 8]);
      const perChannel = scales.length > 1;
      const dims = perChannel ? [3] : [];
      const parameters = [
        b.floats(scales, dims),
        b.bytes8(
          scales.map(() => zero),
          dims,
        ),
      ];
      const q = b.node('QuantizeLinear', [x, ...parameters], { axis: 1 });
      const moved = b.node('Transpose', [b.node('Transpose', [q], { perm: [0, 2, 1] })], { perm: [0, 2, 1] });
      b.output(b.node('DequantizeLinear', [moved, ...parameters], { axis: 1 }, 'y'), null);
      const values = noise([2, 3, 8]);
      for (const i of (values.data as Float32Array).keys()) (values.data as Float32Array)[i] *= 25;
      const v = noise([2, 3, 8], 2);
      const { x: gradient } = await vjp(b.bytes(), 'y', ['x'], { x: values }, v);
      let outside = 0;
      (values.data as Float32Array).forEach((value, i) => {
        const level = value / scales[perChannel ? Math.floor(i / 8) % 3 : 0] + zero;
        const isInside = level > -0.5 && level < 255.5;
        if (!isInside) outside++;
        // times s, divided by s: two roundings of float32
        expect((gradient.data as Float32Array)[i]).toBeCloseTo(isInside ? (v.data as Float32Array)[i] : 0, 6);
      });
      expect(outside).toBeGreaterThan(0);
    },
  );
});

describe('sizes that are not known before the model runs', () => {
  it('are summed over where they were broadcast', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 'T']);
    // of a rank that no shape rule tells: the number of elements decides
    const shape = b.input('shape', ['R'], 7);
    const some = b.node('Reshape', [x, shape], {}, 'some');
    b.output(b.node('Mul', [some, b.weights([4, 3])], {}, 'y'), null);
    const v = noise([4, 3], 2);
    for (const dims of [[1, 3], [4, 1], [4, 3], [1, 1], [3]]) {
      const size = dims.reduce((p, d) => p * d, 1);
      const feeds = {
        x: noise([1, size]),
        shape: new Tensor('int64', BigInt64Array.from(dims, BigInt), [dims.length]),
      };
      const { x: gradient } = await vjp(b.bytes(), 'y', ['x'], feeds, v);
      const weights = (await run(b.bytes(), { ...feeds, x: ones([1, size]) })).y.data as Float32Array;
      const expected = new Float32Array(size);
      const full = dims.length === 1 ? [1, ...dims] : dims;
      for (let i = 0; i < 4; i++) {
        for (let k = 0; k < 3; k++) {
          const at = (full[0] === 1 ? 0 : i) * full[1] + (full[1] === 1 ? 0 : k);
          expected[at] += weights[i * 3 + k] * (v.data as Float32Array)[i * 3 + k];
        }
      }
      expect(deviation(gradient, new Tensor('float32', expected, [1, size]))).toBeLessThan(ROUNDING);
    }
  });
});

function ones(dims: readonly number[]): Tensor {
  const size = dims.reduce((p, d) => p * d, 1);
  return new Tensor('float32', new Float32Array(size).fill(1), [...dims]);
}
