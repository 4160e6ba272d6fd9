// A model with a damaged byte: it loads, or a CraftError says why not. No crash, no hang.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CraftError } from '../../../src/errors.ts';
import { loadClassifier } from '../../../src/runtimes/load-classifier-fs.ts';
import { type Random, random } from '../../../src/tensor/random.ts';
import { goldenPath } from '../../golden/npy.ts';

const FLIPS = 1000;
/** The nodes come first in the file and the inputs and outputs last; between them are the weights. */
const ENDS = 3000;

function placeOf(k: number, size: number, rng: Random): number {
  if (k % 5 === 0) return rng.below(size);
  return k % 5 === 1 ? size - 1 - rng.below(ENDS) : rng.below(ENDS);
}

it(`survives a random byte at ${FLIPS} places`, async () => {
  const original = new Uint8Array(readFileSync(goldenPath('models/cnn.onnx')));
  const rng = random(1);
  const outcomes: Record<string, number> = {};
  for (let k = 0; k < FLIPS; k++) {
    const bytes = original.slice();
    bytes[placeOf(k, bytes.length, rng)] ^= 1 + rng.below(255);
    const outcome = await loadClassifier(bytes).then(
      async (classifier) => {
        await classifier.release();
        return 'loads';
      },
      (error: unknown) => {
        if (!(error instanceof CraftError)) throw error;
        return error.code;
      },
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  console.info('a damaged byte:', outcomes);
  expect(Object.values(outcomes).reduce((sum, n) => sum + n, 0)).toBe(FLIPS);
  expect(outcomes.loads).toBeGreaterThan(0);
}, 600_000);
