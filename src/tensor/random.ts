// Seeded random numbers that give the same bits in every engine: integer arithmetic only, and sums
// of uniforms where a bell shape is wanted (Math.log and Math.cos differ between engines).

/** A stream of pseudo-random numbers. */
export interface Random {
  /** A whole number in [0, 2³²). */
  uint32(): number;
  /** A multiple of 2⁻³² in [0, 1). */
  uniform(): number;
  /** A whole number in [0, n), n ≤ 2³², without modulo bias. */
  below(n: number): number;
}

/**
 * A stream for a seed: PCG-XSH-RR would need 64-bit integers, so this is sfc32 (period ≥ 2³², passes
 * PractRand), its state spread from the seed by splitmix32.
 *
 * @param seed - any whole number; its low 32 bits and the next 21 count.
 * @param stream - a second number that gives an independent stream for the same seed.
 */
export function random(seed: number, stream = 0): Random {
  let mix = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let t = mix ^ (mix >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return t ^ (t >>> 15);
  };
  let a = splitmix() ^ high;
  let b = splitmix();
  let c = splitmix() ^ stream;
  let counter = 1;
  const uint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();

  return {
    uint32,
    uniform: () => uint32() * 2 ** -32,
    below(n) {
      const limit = 2 ** 32 - (2 ** 32 % n);
      let v = uint32();
      while (v >= limit) v = uint32();
      return v % n;
    },
  };
}

/** Shuffles `items` in place (Fisher–Yates) and returns them. */
export function shuffle<T>(items: T[], rng: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
