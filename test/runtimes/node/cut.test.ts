// What a cut promises, in the real engine: head(encoder(x)) = model(x), at every valid layer.

import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { cutModel, inspectModel } from '../../../src/onnx.ts';
import {
  anySizeNetwork,
  branchingNetwork,
  channelsLastNetwork,
  halfPrecisionNetwork,
  quantizedNetwork,
  residualNetwork,
  segmentationNetwork,
  sharedWeightsNetwork,
  visionTransformer,
} from '../../models/networks.ts';
import { cutDeviation, deviation, type Feeds, noise, run, wholeNumbers } from './halves.ts';

/**
 * The halves run the same float32 ops as the model; the runtime fuses them differently. Measured ≤ 4e-7
 * of the largest logit; 1e-5 leaves room for other builds of it.
 */
const ROUNDING = 1e-5;

const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/models/${name}.onnx`, import.meta.url)));

const mask = BigInt64Array.from({ length: 33 }, (_, i) => (i % 11 < 8 ? 1n : 0n));

// Batches of 3: the dims that exporters trace with are 1 and 2.
const models: [name: string, bytes: () => Uint8Array, feeds: Feeds][] = [
  ['cnn', () => golden('cnn'), { input: noise([3, 3, 64, 64]) }],
  ['tv', () => golden('tv'), { input: noise([3, 3, 96, 96]) }],
  [
    'text',
    () => golden('text'),
    { input_ids: wholeNumbers([3, 11], 103), attention_mask: new Tensor('int64', mask, [3, 11]) },
  ],
  ['residual', () => residualNetwork().bytes(), { x: noise([3, 3, 12, 12]) }],
  ['residual, opset 9', () => residualNetwork().bytes(9, 3), { x: noise([3, 3, 12, 12]) }],
  ['residual, opset 22', () => residualNetwork().bytes(22, 10), { x: noise([3, 3, 12, 12]) }],
  ['transformer, CLS', () => visionTransformer('cls').bytes(), { x: noise([3, 3, 8, 8]) }],
  ['transformer, mean', () => visionTransformer('mean').bytes(), { x: noise([3, 3, 8, 8]) }],
  ['transformer, batch of 1', () => visionTransformer('cls', 1).bytes(), { x: noise([1, 3, 8, 8]) }],
  ['channels last', () => channelsLastNetwork().bytes(), { x: noise([3, 10, 10, 3]) }],
  ['quantized', () => quantizedNetwork().bytes(), { x: noise([3, 3, 6, 6]) }],
  ['any size', () => anySizeNetwork().bytes(), { x: noise([3, 3, 22, 14]) }],
  ['shared weights', () => sharedWeightsNetwork().bytes(), { x: noise([3, 32]) }],
  ['branch', () => branchingNetwork(false).bytes(), { x: noise([3, 6]) }],
];

describe.each(models)('%s', (_, makeBytes, feeds) => {
  it.each([true, false])('is the same function after a cut at each layer, inline: %s', async (inline) => {
    const bytes = makeBytes();
    const { logits, layers, outputs } = inspectModel(bytes);
    // logits before a Softmax are no output of the model: compare what it returns
    const output = outputs.some((o) => o.name === logits) ? logits : outputs[0].name;
    const expected = (await run(bytes, feeds))[output];
    expect(layers.length).toBeGreaterThan(0);
    // by reference, the same cuts: a few are enough
    const tried = inline ? layers : layers.filter((_, i) => i % 8 === 0);
    for (const { tensor, shape } of tried) {
      const { deviation, latent } = await cutDeviation(bytes, tensor, feeds, expected, { inline, output });
      expect(deviation, tensor).toBeLessThan(ROUNDING);
      // fixed dims are what they are said to be
      expect(latent.dims.map((d, i) => (typeof shape[i] === 'number' ? shape[i] : d))).toEqual(latent.dims);
    }
  });
});

it('never calls a layer non-negative where it is not', async () => {
  for (const [name, makeBytes, feeds] of models) {
    const bytes = makeBytes();
    for (const { tensor } of inspectModel(bytes).layers.filter((l) => l.nonNegative)) {
      const { latent } = await cutDeviation(bytes, tensor, feeds, noise([1]));
      const negative = (latent.data as Float32Array).find((v) => v < 0);
      expect(negative, `${name} ${tensor}`).toBeUndefined();
    }
  }
});

it('calls a head affine where the runtime agrees, and only there', async () => {
  // left out: a head that is affine for one mask, or on each side of a branch, passes at two points
  for (const [name, makeBytes, feeds] of models.filter((m) => m[0] !== 'text' && m[0] !== 'branch')) {
    const bytes = makeBytes();
    const { layers, logits } = inspectModel(bytes);
    for (const { tensor, linearHead } of layers.slice(-10)) {
      const cut = await cutDeviation(bytes, tensor, feeds, noise([1]), { output: logits });
      const head = async (latent: Tensor): Promise<Tensor> => {
        const { halves } = cut;
        return (await run(halves.head, { ...feeds, [halves.latent.inputName]: latent }))[halves.output];
      };
      const [a, b] = [noise(cut.latent.dims, 1), noise(cut.latent.dims, 2)];
      const [fa, fb, fm] = await Promise.all([head(a), head(b), head(middle(a, b))]);
      // float32 sums; what is not affine is off by 1e-3 and more here
      expect(deviation(fm, middle(fa, fb)) < 1e-4, `${name} ${tensor}`).toBe(linearHead);
    }
  }
});

function middle(a: Tensor, b: Tensor): Tensor {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  return new Tensor(
    'float32',
    x.map((v, i) => (v + y[i]) / 2),
    [...a.dims],
  );
}

it('refuses to guess a size that the latent does not tell', () => {
  const bytes = segmentationNetwork().bytes();
  expect(() => cutModel(bytes, 'map')).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }));
});

describe('a half-precision model', () => {
  it('is float32 at the cut and at the output of the head', async () => {
    const bytes = halfPrecisionNetwork().bytes();
    const feeds = { x: noise([3, 3, 8, 8]) };
    const reference = (await run(bytes, feeds)).logits;
    // widened by the runtime's own Cast, the same numbers
    const { halves, latent, outputs } = await cutWithOutputs(bytes, 'map', feeds);
    expect(latent.type).toBe('float32');
    expect(outputs[halves.output].type).toBe('float32');
    const halfBits = new Uint16Array((reference.data as Uint16Array).buffer.slice(0));
    const expected = new Tensor('float32', Float32Array.from(halfBits, fromHalf), reference.dims as number[]);
    // the cut itself is exact, the ops after it round to 11 bits in another order: 2⁻¹⁰
    expect(deviation(outputs[halves.output], expected)).toBeLessThan(2 ** -10);
  });
});

/** Runs both halves and keeps the outputs. */
async function cutWithOutputs(bytes: Uint8Array, layer: string, feeds: Feeds) {
  const { halves, latent } = await cutDeviation(bytes, layer, feeds, noise([1]));
  const outputs = await run(halves.head, { ...feeds, [halves.latent.inputName]: latent });
  return { halves, latent, outputs };
}

function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const sign = bits & 0x8000 ? -1 : 1;
  return (
    sign * (exponent === 0 ? (bits & 1023) * 2 ** -24 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15))
  );
}
