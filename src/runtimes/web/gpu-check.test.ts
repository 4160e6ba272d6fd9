import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenPath } from '../../../test/golden/npy.ts';
import type { Classifier } from '../../craft/classifier.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { loadClassifier } from '../load-classifier-fs.ts';
import { checkedClassifier } from './gpu-check.ts';

/** A real classifier whose latent or scores are changed on the way, as a wrong kernel does it. */
function wrong(
  classifier: Classifier,
  part: 'inputToLatent' | 'latentToLogit',
  change: (v: number) => number,
) {
  const released: string[] = [];
  const run = async (input: Tensor): Promise<Tensor<Float32Array>> => {
    const { data, dims } = await classifier[part](input);
    return { data: Float32Array.from(data, (v) => change(Number(v))), dims };
  };
  const release = async (): Promise<void> => {
    released.push('suspect');
  };
  return { classifier: { ...classifier, [part]: run, release } as Classifier, released };
}

describe('checkedClassifier', () => {
  let trusted: Classifier;
  let kept: Classifier;
  let ends: string[];

  beforeAll(async () => {
    trusted = await loadClassifier(goldenPath('models/cnn.onnx'));
    ends = [];
    kept = {
      ...trusted,
      release: async () => {
        ends.push('trusted');
      },
    };
  });
  afterAll(() => trusted.release());

  it('takes a classifier whose numbers differ by what another order of sums explains', async () => {
    const { classifier, released } = wrong(trusted, 'inputToLatent', (v) => v * (1 + 1e-5));
    const found = await checkedClassifier(kept, async () => classifier);
    expect(found).toBe(classifier);
    expect([found.warnings.join(), released, ends.splice(0)]).toEqual([
      trusted.warnings.join(),
      [],
      ['trusted'],
    ]);
  });

  it.each<[string, 'inputToLatent' | 'latentToLogit', (v: number) => number, RegExp]>([
    ['a latent that is a hundredth too large', 'inputToLatent', (v) => 1.01 * v, /the latent differ by/],
    ['scores that are too small', 'latentToLogit', (v) => 0.9 * v, /the scores differ by/],
    ['NaN', 'inputToLatent', (v) => (v === 0 ? Number.NaN : v), /the latent differ by NaN/],
    ['zeros', 'latentToLogit', () => 0, /the scores differ by/],
  ])('falls back and says why for %s', async (_, part, change, why) => {
    const { classifier, released } = wrong(trusted, part, change);
    const found = await checkedClassifier(kept, async () => classifier);
    expect(found.warnings.join()).toMatch(/WebGPU is not used/);
    expect(found.warnings.join()).toMatch(why);
    expect([released, ends]).toEqual([['suspect'], []]);
    const size = 3 * 64 * 64;
    const image = { data: new Float32Array(size).fill(0.3), dims: [1, 3, 64, 64] };
    const [a, b] = [await found.inputToLatent(image), await trusted.inputToLatent(image)];
    expect(Array.from(a.data)).toEqual(Array.from(b.data));
  });

  it('falls back where only a part of h that importance runs is wrong', async () => {
    const suspect: Classifier = {
      ...trusted,
      async foldHead(request) {
        const fold = await trusted.foldHead(request);
        if (!fold) throw new Error('the model of this test has a head that can be parted');
        const { prefix } = fold;
        return {
          ...fold,
          prefix: prefix && (async (latents: Tensor) => (await prefix(latents)).map((v) => 1.1 * v)),
        };
      },
      release: async () => undefined,
    };
    const found = await checkedClassifier(kept, async () => suspect);
    expect(found.warnings.join()).toContain('the beginning of h differ by');
  });

  it('falls back for other dims, a run that fails, and one that does not open', async () => {
    const short = { ...trusted, release: async () => undefined } as Classifier;
    const cases: (() => Promise<Classifier>)[] = [
      async () => ({
        ...short,
        inputToLatent: async () => ({ data: new Float32Array(3), dims: [1, 3] }),
      }),
      async () => ({
        ...short,
        inputToLatent: async () => {
          throw new Error('device lost');
        },
      }),
      async () => {
        throw new Error('no adapter');
      },
    ];
    const notices = await Promise.all(
      cases.map(async (open) => (await checkedClassifier(kept, open)).warnings),
    );
    expect(notices.map((warnings) => warnings.at(-1))).toEqual([
      expect.stringContaining('the latent differ by Infinity'),
      expect.stringContaining('device lost'),
      expect.stringContaining('no adapter'),
    ]);
  });
});
