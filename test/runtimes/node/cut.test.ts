// What a cut promises, in the real engine: head(encoder(x)) = model(x), at every valid layer.

import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../../src/onnx.ts';
import { cutDeviation, type Feeds, noise, run, wholeNumbers } from './halves.ts';

/**
 * The halves run the same float32 ops as the model; the runtime fuses them differently. Measured ≤ 2e-6
 * of the largest logit; 1e-5 leaves room for other builds of it.
 */
const ROUNDING = 1e-5;

const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/models/${name}.onnx`, import.meta.url)));

const feedsOf: Record<string, Feeds> = {
  cnn: { input: noise([3, 3, 64, 64]) },
  tv: { input: noise([3, 3, 96, 96]) },
  text: {
    input_ids: wholeNumbers([3, 11], 103),
    attention_mask: new Tensor(
      'int64',
      BigInt64Array.from({ length: 33 }, (_, i) => (i % 11 < 8 ? 1n : 0n)),
      [3, 11],
    ),
  },
};

describe.each(['cnn', 'tv', 'text'])('%s', (name) => {
  const bytes = golden(name);

  it('is the same function after a cut at each layer', async () => {
    const feeds = feedsOf[name];
    const { logits, layers } = inspectModel(bytes);
    const expected = (await run(bytes, feeds))[logits];
    for (const { tensor } of layers) {
      const { deviation } = await cutDeviation(bytes, tensor, feeds, expected);
      expect(deviation, tensor).toBeLessThan(ROUNDING);
    }
  });
});
