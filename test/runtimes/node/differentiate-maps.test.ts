// What is rewritten for the sake of the blocked layout gives the gradient of what the model says.

import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { differentiate } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import { modelDeviation } from './gradients.ts';
import { deviation, noise, run } from './halves.ts';

/** As for the ops by themselves: difference quotients in float32. */
const TOLERANCE = 2e-3;

const dims = [2, 16, 3, 5];
const pads = [1, 1, 1, 1];

interface Options {
  /** How the mean of each map is written. */
  readonly pool?: 'GlobalAveragePool' | 'ReduceMean';
  readonly isFactorFirst?: boolean;
  readonly batch?: number | string;
}

/** A block with squeeze and excitation: Conv, norm, s(x) · map with s of the means of the map. */
function squeezed({ pool = 'GlobalAveragePool', isFactorFirst = false, batch = 2 }: Options): Uint8Array {
  const b = new GraphBuilder(3);
  const image = b.input('x0', [batch, 16, 3, 5]);
  const conv = b.node('Conv', [image, b.weights([16, 1, 3, 3]), b.weights([16])], { pads, group: 16 });
  const scale = b.node('Identity', [b.floats(noise([16], 1).data as Float32Array, [16])]);
  const variance = b.floats(new Float32Array(16).fill(0.8), [16]);
  const norm = b.node('BatchNormalization', [conv, scale, b.weights([16]), b.weights([16]), variance]);
  const map = b.node('Sigmoid', [norm], {}, 'map');
  const mean =
    pool === 'ReduceMean'
      ? b.node('ReduceMean', [map, b.ints([2, 3])], { keepdims: 1 })
      : b.node('GlobalAveragePool', [map]);
  // 5 is no whole block of channels
  const narrow = b.node('Sin', [b.node('Conv', [mean, b.weights([5, 16, 1, 1])])]);
  const factor = b.node('Sigmoid', [b.node('Conv', [narrow, b.weights([16, 5, 1, 1])])]);
  const product = b.node('Mul', isFactorFirst ? [factor, map] : [map, factor]);
  b.output(b.node('Conv', [product, b.weights([8, 16, 1, 1])], {}, 'y'), null);
  return b.bytes(20, 9);
}

const opsOf = (bytes: Uint8Array): string[] => decodeModel(bytes).graph!.node.map((n) => n.opType);

describe('squeeze and excitation', () => {
  const forms: Options[] = [{}, { isFactorFirst: true }, { pool: 'ReduceMean' }];

  it.each(forms)('has the gradient of difference quotients: %j', async (options) => {
    expect(await modelDeviation(squeezed(options), [{ dims }])).toBeLessThan(TOLERANCE);
  });

  it('has the same gradient where the batch is free, and nothing is rewritten', async () => {
    const feeds = { x0: noise(dims), 'y/cotangent': noise([2, 8, 3, 5], 2) };
    const [fixed, free] = await Promise.all(
      [{}, { batch: 'N' }].map(async (options) => {
        const model = differentiate(squeezed(options), { of: 'y', withRespectTo: 'x0', inline: true });
        return { ops: opsOf(model), gradient: (await run(model, feeds))['x0/gradient'] };
      }),
    );
    expect([fixed, free].map(({ ops }) => ops.includes('Expand'))).toEqual([false, true]);
    expect([fixed, free].map(({ ops }) => ops.includes('Resize'))).toEqual([true, false]);
    // sums of 15 and 144 terms in another order
    expect(deviation(fixed.gradient, free.gradient)).toBeLessThan(1e-5);
  });
});

describe('BatchNormalization behind a Conv', () => {
  const ops = (withRespectTo: string): string[] => {
    const b = new GraphBuilder(4);
    const conv = b.node('Conv', [b.input('x', [1, 8, 4, 4]), b.weights([8, 8, 1, 1])], {}, 'conv');
    const four = [1, 2, 3, 4].map(() => b.floats(new Float32Array(8).fill(1), [8]));
    b.output(b.node('BatchNormalization', [conv, ...four], {}, 'y'), null);
    return opsOf(differentiate(b.bytes(20, 9), { of: 'y', withRespectTo }));
  };

  it('is a part of the Conv', () => {
    expect(ops('x')).not.toContain('BatchNormalization');
  });

  it('stays where the gradient is taken in between', () => {
    expect(ops('conv')).toContain('BatchNormalization');
  });
});
