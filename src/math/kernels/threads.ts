// How many threads a piece of work gets.

import { CraftError } from '../../errors.ts';
import { availableThreads } from './crew.ts';

/** Below so many multiplications a pass, starting threads costs more than they save. */
const LARGE = 5e7;
const MOST = 4;

/**
 * The option `threads`, or its default: 1 for little work, else as many as the machine has, up to 4. 1 where
 * memory cannot be shared between threads.
 *
 * @throws {@link CraftError} `OPTION` unless it is a whole number from 1 to 64.
 */
export function threadsFor(where: string, option: number | undefined, multiplications: number): number {
  if (option === undefined) return multiplications < LARGE ? 1 : Math.min(MOST, availableThreads());
  if (!(Number.isInteger(option) && option >= 1 && option <= 64)) {
    throw new CraftError(
      'OPTION',
      `${where}: expected threads to be a whole number from 1 to 64; got ${option}`,
    );
  }
  return availableThreads() > 1 || option === 1 ? option : 1;
}
