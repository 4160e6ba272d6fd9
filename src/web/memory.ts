// Whether a run fits the memory of a page, before it runs: a page that runs out of it is gone without a word.

import type { Plan } from '../craft/plan.ts';
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

/** Bytes that a run takes at its largest, about. */
function neededBytes({ memory }: Plan, modelBytes: number): number {
  return MODEL_COPIES * modelBytes + memory.batch + memory.activations + memory.factorization;
}

/**
 * Checks that a run fits.
 *
 * @param planFor - the plan for a number of images.
 * @param limit - in bytes; default: what this browser has for it.
 * @throws {@link CraftError} `OPTION` that says how many images fit, or that none do.
 */
export function checkMemory(
  planFor: (images: number) => Plan,
  images: number,
  modelBytes: number,
  limit: number = memoryLimit(),
): void {
  const needed = neededBytes(planFor(images), modelBytes);
  if (needed <= limit) return;
  const perImage = neededBytes(planFor(2), modelBytes) - neededBytes(planFor(1), modelBytes);
  const fixed = neededBytes(planFor(1), modelBytes) - perImage;
  const fitting = Math.floor((limit - fixed) / perImage);
  const advice =
    fitting >= 1
      ? `use at most ${fitting} images, or larger crops, which are fewer`
      : 'use a smaller batch or model, or craft-xai in Node';
  throw new CraftError(
    'OPTION',
    `memory: expected a run of at most ${mebibytes(limit)} in this browser; got about ${mebibytes(needed)} for ${images} images – ${advice}`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
