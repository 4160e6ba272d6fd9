// Architectures of the field as torch exports them, against torch's own autograd (scripts/export-torch.py).

import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../src/onnx/proto/read.ts';
import { inspectModel } from '../../../src/onnx.ts';
import { goldenPath, readNpz } from '../../golden/npy.ts';
import { deviation, type Feeds, run } from './halves.ts';
import { vjp } from './vjp.ts';

/**
 * As a share of the largest entry. torch's values are of float64 and no unit is at a kink, so what is left is the
 * rounding of float32 through 10 to 100 layers: measured ≤ 3e-6. A rule that is wrong shows as 1e-2 and more.
 */
const TOLERANCE = 1e-4;

const images = [
  'resnet18',
  'resnet50',
  'mobilenet_v2',
  'mobilenet_v3',
  'efficientnet_b0',
  'convnext_tiny',
  'vit_b_16',
  'swin_t',
  'dinov2',
];

interface Reference {
  readonly bytes: Uint8Array;
  readonly feeds: Feeds;
  readonly v: Tensor;
  readonly y: Tensor;
  readonly gradient: Tensor;
}

function reference(name: string): Reference {
  const bytes = new Uint8Array(readFileSync(goldenPath(`torch-gradients/${name}.onnx`)));
  const { v, y, gradient, ...inputs } = readNpz(goldenPath(`torch-gradients/${name}.npz`));
  const float = ({ data, dims }: typeof v): Tensor =>
    new Tensor('float32', Float32Array.from(data), [...dims]);
  const whole = ({ data, dims }: typeof v): Tensor =>
    new Tensor('int64', BigInt64Array.from(data, BigInt), [...dims]);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([key, t]) => [key, key === 'x' ? float(t) : whole(t)]),
  );
  return { bytes, feeds, v: float(v), y: float(y), gradient: float(gradient) };
}

describe.each(images)('%s', (name) => {
  it('has the gradient of the image that torch autograd gives', async () => {
    const { bytes, feeds, v, y, gradient } = reference(name);
    expect(inspectModel(bytes).gradients).toEqual({ supported: true, missingOps: [] });
    expect(deviation((await run(bytes, feeds)).y, y)).toBeLessThan(TOLERANCE);
    const { x } = await vjp(bytes, 'y', ['x'], feeds, v);
    expect(x.dims).toEqual(gradient.dims);
    expect(deviation(x, gradient)).toBeLessThan(TOLERANCE);
  });
});

describe('bert', () => {
  it('has the gradient of the embedded words that torch autograd gives', async () => {
    const { bytes, feeds, v, y, gradient } = reference('bert');
    expect(deviation((await run(bytes, feeds)).y, y)).toBeLessThan(TOLERANCE);
    const lookup = decodeModel(bytes).graph!.node.find((n) => n.input[0] === 'words.weight')!;
    expect(lookup.opType).toBe('Gather');
    const [embedded] = lookup.output;
    const found = (await vjp(bytes, 'y', [embedded], feeds, v))[embedded];
    expect(found.dims).toEqual(gradient.dims);
    expect(deviation(found, gradient)).toBeLessThan(TOLERANCE);
  });
});
