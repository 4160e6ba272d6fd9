// Long sums on the one thread of a page or server: give the event loop a turn now and then, so that
// progress is shown and an AbortSignal is seen. Time decides only when to rest, never what is computed.

import { CraftError } from '../errors.ts';

const TURN_MS = 25;

export interface Pace {
  /** Call between blocks of work of a few milliseconds; cheap while the turn lasts. */
  rest(): Promise<void>;
}

/**
 * @param where - opens the message of the error.
 * @throws {@link CraftError} `ABORTED` from `rest` (and at once) after `signal` fired.
 */
export function pace(where: string, signal?: AbortSignal): Pace {
  const check = (): void => {
    if (signal?.aborted)
      throw new CraftError('ABORTED', `${where}: stopped by the caller`, { cause: signal.reason });
  };
  check();
  let turnStart = performance.now();
  return {
    async rest() {
      if (performance.now() - turnStart < TURN_MS) return check();
      await new Promise((resolve) => setTimeout(resolve, 0));
      turnStart = performance.now();
      check();
    },
  };
}
