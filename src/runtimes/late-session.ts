// A session that is opened when it first runs: to open one takes seconds and memory.

import type { Session } from './runtime.ts';

export type LateSession = Pick<Session, 'run' | 'release'>;

/** A session that `open` opens at its first run; one that never ran has nothing to release. */
export function openedLate(open: () => Promise<Session>): LateSession {
  let session: Promise<Session> | null = null;
  return {
    async run(feeds) {
      session ??= open();
      return (await session).run(feeds);
    },
    async release() {
      const opened = await session?.catch(() => null); // where it failed to open it was said
      await opened?.release();
    },
  };
}
