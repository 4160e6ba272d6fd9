// Whether a run fits the memory of a page, before it runs: a page that runs out of it is gone without a word.

import { CraftError } from '../errors.ts';

const GIB = 2 ** 30;
/** What a 32-bit WebAssembly memory reaches. */
const MOST = 4 * GIB;
/** A model is there as its file, as what is before and after the cut, and prepared by the engine. */
const MODEL_COPIES = 4;

/** Bytes that a run may take in this browser: half of what it says the machine has, 2 GiB if it does not say. */
function memoryLimit(): number {
  const gib = (navigator as { deviceMemory?: number }).deviceMemory ?? 4;
  return Math.min(MOST, (gib * GIB) / 2);
}

/** A run of which it is asked whether it fits. */
interface MemoryNeed {
  /** Bytes beside the model for the first so many inputs; never less for more. */
  bytesFor(inputs: number): number;
  readonly inputs: number;
  /** What they are called. */
  readonly noun: 'images' | 'texts';
  readonly modelBytes: number;
}

/**
 * Checks that a run fits.
 *
 * @param limit - in bytes; default: what this browser has for it.
 * @throws {@link CraftError} `OPTION` that says how many inputs fit, or that none do.
 */
export function checkMemory(
  { bytesFor, inputs, noun, modelBytes }: MemoryNeed,
  limit: number = memoryLimit(),
): void {
  const needed = (count: number): number => MODEL_COPIES * modelBytes + bytesFor(count);
  if (needed(inputs) <= limit) return;
  const fitting = most(inputs, (count) => needed(count) <= limit);
  const advice =
    fitting >= 1
      ? `use at most ${fitting} ${noun}${noun === 'images' ? ', or larger crops, which are fewer' : ''}`
      : 'use a smaller batch or model, or craft-xai in Node';
  throw new CraftError(
    'OPTION',
    `memory: expected a run of at most ${mebibytes(limit)} in this browser; got about ${mebibytes(needed(inputs))} for ${inputs} ${noun} – ${advice}`,
  );
}

/** The largest count below `above` that fits; 0 if 1 does not. */
function most(above: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, above];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
