// Latents of inputs seen before, so that g runs once on each.

import { type CraftInputs, isTensor } from './batches.ts';
import type { Latents } from './layout.ts';

interface Entry {
  readonly hash: number;
  readonly latents: Promise<Latents[]>;
}

/**
 * Keeps latents under the object that the inputs are (a WeakMap: they go when it goes). The data of a tensor
 * is hashed too, as a caller may write new data into the same one.
 */
export class LatentCache {
  readonly #entries = new WeakMap<object, Entry>();

  /** The latents kept for `inputs`, or those that `encode` makes; nothing is kept if it fails. */
  get(inputs: CraftInputs, encode: () => Promise<Latents[]>): Promise<Latents[]> {
    const hash = isTensor(inputs) ? hashOf(inputs.data) : 0;
    const known = this.#entries.get(inputs);
    if (known?.hash === hash) return known.latents;
    const latents = encode();
    this.#entries.set(inputs, { hash, latents });
    latents.catch(() => this.#entries.delete(inputs));
    return latents;
  }
}

/** FNV-1a over 32-bit words: not for security, only to notice other data in the same array. */
function hashOf(data: ArrayBufferView): number {
  const whole = data.byteLength >> 2;
  const words =
    data.byteOffset % 4 === 0 ? new Int32Array(data.buffer, data.byteOffset, whole) : new Int32Array(0);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).subarray(words.length * 4);
  let hash = 0x811c9dc5;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
