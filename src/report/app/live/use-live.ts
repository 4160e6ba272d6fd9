import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../report-context.ts';
import { type Head, isOpened, openHead } from './open-head.ts';

export type LiveState =
  /** The page has no head, or not the numbers of this input. */
  | { is: 'absent' }
  /** It can be opened. */
  | { is: 'closed'; open(): void; bytes: number }
  | { is: 'opening' }
  | { is: 'failed'; reason: string }
  /** Scores of all classes with the concepts kept in part; null until the first run has ended. */
  | { is: 'open'; scores: ArrayLike<number> | null };

/** Runs h in the page for one input, again when `kept` changes; of changes during a run, only the last. */
export function useLive(input: number, kept: Readonly<Record<number, number>>): LiveState {
  const { explanation, live } = usePage();
  const [isWanted, want] = useState(isOpened);
  const [head, setHead] = useState<Head | null>(null);
  const [scores, setScores] = useState<ArrayLike<number> | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const has = live?.inputs.includes(input) ?? false;
  const fail = (error: unknown): void => setReason(String((error as Error)?.message ?? error));

  useEffect(() => {
    if (has && isWanted) openHead(explanation, live!).then((opened) => setHead(opened), fail);
  }, [has, isWanted, explanation, live]);

  const latest = useRef(kept);
  const isRunning = useRef(false);
  latest.current = kept;
  useEffect(() => {
    if (!head || isRunning.current) return;
    isRunning.current = true;
    runLatest(head, input, latest, setScores)
      .catch(fail)
      .finally(() => {
        isRunning.current = false;
      });
  }, [head, input, kept]);

  if (!has) return { is: 'absent' };
  if (reason !== null) return { is: 'failed', reason };
  if (head) return { is: 'open', scores };
  return isWanted ? { is: 'opening' } : { is: 'closed', open: () => want(true), bytes: live!.bytes };
}

async function runLatest(
  head: Head,
  input: number,
  latest: { readonly current: Readonly<Record<number, number>> },
  done: (scores: ArrayLike<number>) => void,
): Promise<void> {
  for (;;) {
    const kept = latest.current;
    done(await head.scores(input, kept));
    if (kept === latest.current) return;
  }
}
