import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestNames, editDistance } from './closest-names.ts';

describe('editDistance', () => {
  // The textbook example: two replacements and an insertion.
  it('is 3 from kitten to sitting', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is a metric', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe('closestNames', () => {
  it('puts names that contain what was asked for first, then the nearest', () => {
    const names = ['layer1.conv', 'layer4.1.relu', 'layer4'];
    expect(closestNames('Layer4', names)).toEqual(['layer4', 'layer4.1.relu', 'layer1.conv']);
    expect(closestNames('layr4', names)[0]).toBe('layer4');
  });

  it('gives at most 5, of names of any length and number', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `${'x'.repeat(5000)}${i}`);
    expect(closestNames('y'.repeat(100_000), names)).toHaveLength(5);
  });
});
