import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashSet } from './hash-set.ts';
import { hash53 } from './hash53.ts';

describe('HashSet', () => {
  it('takes each hash once, as a Set does', () => {
    const hash = fc.oneof(fc.nat(40), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 53 - 1, 2 ** 32));
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 60 }), (hashes) => {
        const set = new HashSet();
        const known = new Set<number>();
        for (const h of hashes) {
          expect(set.add(h)).toBe(!known.has(h));
          known.add(h);
        }
      }),
    );
  });

  it('grows, and forgets none', () => {
    const set = new HashSet();
    const hashes = Array.from({ length: 5000 }, (_, n) => hash53(`text ${n}`));
    for (const h of hashes) expect(set.add(h)).toBe(true);
    for (const h of hashes) expect(set.add(h)).toBe(false);
  });
});
