// A set of hashes in one array: a Set holds each number in an object of its own, which takes five times the memory.

const LEAST = 1024;

/** Hashes of {@link hash53}, or other whole numbers from 0 below 2⁵³; 16 to 32 bytes each. */
export class HashSet {
  #slots = new Float64Array(LEAST); // hash + 1; 0 where there is none
  #size = 0;

  /** Adds a hash; false if it was there. */
  add(hash: number): boolean {
    const slot = slotOf(this.#slots, hash);
    if (this.#slots[slot] !== 0) return false;
    this.#slots[slot] = hash + 1;
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const slots = new Float64Array(2 * this.#slots.length);
    for (const value of this.#slots) {
      if (value !== 0) slots[slotOf(slots, value - 1)] = value;
    }
    this.#slots = slots;
  }
}

/** Where a hash is, or the free place that it would take. */
function slotOf(slots: Float64Array, hash: number): number {
  const last = slots.length - 1; // a power of 2, less 1
  let slot = (hash >>> 0) & last;
  while (slots[slot] !== 0 && slots[slot] !== hash + 1) slot = (slot + 1) & last;
  return slot;
}
