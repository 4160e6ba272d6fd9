import { describe, expect, it } from 'vitest';
import type { TextClassifier } from '../classifier.ts';
import { textPlanOf } from './text-plan.ts';
import { parseTextRequest } from './text-request.ts';

const classifier = {
  layer: { dims: [null, 1024] },
  nonNegative: true,
  affineHead: false,
  foldFacts: () => null,
} as unknown as TextClassifier;

/** The plan of so many texts of four units each. */
function planOf(texts: number, change: object = {}) {
  const units = new Int32Array(texts).fill(4);
  const parts = new Int32Array(texts).fill(3);
  const request = parseTextRequest({ class: 0, concepts: 5, nbDesign: 8, ...change });
  return textPlanOf(request, classifier, { units, parts }, false);
}

describe('textPlanOf', () => {
  it('holds few latents whole, and keeps many on disk', () => {
    const few = planOf(100);
    expect([few.memory.activations, few.stored]).toEqual([4 * 500 * 1024, 0]);
    // 256 MiB are 65,536 rows: the units are above that, the texts are not
    const many = planOf(20_000);
    expect([many.memory.activations, many.stored]).toEqual([4 * 20_000 * 1024, 4 * 80_000 * 1024]);
    const units = 80_000 * 1024 * 8;
    expect(many.memory.factorization).toBeLessThan(units);
  });

  it('says what importance holds: indices of each text, or all scores of a design that all share', () => {
    const [own, larger] = [planOf(1000), planOf(1000, { nbDesign: 64 })];
    expect(larger.headRuns).toBeGreaterThan(own.headRuns);
    expect(larger.memory.importance).toBe(own.memory.importance);
    const shared = planOf(1000, { sampler: 'halton' });
    expect(shared.memory.importance).toBe(8 * 1000 * 8 * 7);
  });
});
