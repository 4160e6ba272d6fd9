// The sessions of a folded head, kept from one importance to the next: to open them takes longer than many a run.

import type { FoldedHead, FoldHead, FoldRequest } from '../craft/folded-head.ts';

/** Parts a head, and keeps the parts of the last request. */
export interface HeadFolder {
  /** A head it gives may be released while others use the same parts. */
  readonly fold: FoldHead;
  /** Frees what is kept, once nobody uses it. */
  release(): Promise<void>;
}

/** Parts that are open. */
interface Opened {
  readonly key: string;
  readonly head: Promise<FoldedHead | null>;
  /** Borrowers, and one while it is kept. */
  users: number;
}

/** Only the last parts are kept: they hold weights of the head once more. */
export function keptFold(open: FoldHead): HeadFolder {
  let kept: Opened | null = null;
  const leave = async (opened: Opened): Promise<void> => {
    opened.users--;
    if (opened.users > 0) return;
    const head = await opened.head.catch(() => null); // whoever asked for it was told
    await head?.release();
  };
  const release = async (): Promise<void> => {
    const last = kept;
    kept = null;
    if (last) await leave(last);
  };
  return {
    async fold(request) {
      const key = keyOf(request);
      const last = kept;
      const opened = last?.key === key ? last : { key, head: open(request), users: 1 };
      opened.users++;
      kept = opened;
      try {
        if (last && last !== opened) await leave(last);
        const head = await opened.head;
        if (head === null) await leave(opened);
        return head && { ...head, release: () => leave(opened) };
      } catch (error) {
        if (kept === opened) await release(); // the next request tries again
        await leave(opened);
        throw error;
      }
    },
    release,
  };
}

function keyOf({ classId, rank }: FoldRequest): string {
  return `${classId} ${rank}`;
}
