/**
 * Runs `run` on at most `concurrency` items at once and gives the results in the order of the items.
 * While a result is with the consumer, at most `concurrency` others are running or done. A consumer
 * that stops early waits for those that run, so that nothing is left behind.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  concurrency: number,
  run: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const ahead: Promise<R>[] = [];
  let next = 0;
  const start = (): void => {
    const result = run(items[next++]);
    result.catch(() => undefined); // thrown where it is awaited, not before
    ahead.push(result);
  };
  try {
    while (next < items.length || ahead.length > 0) {
      while (next < items.length && ahead.length < concurrency) start();
      const result = await ahead[0];
      ahead.shift();
      if (next < items.length) start();
      yield result;
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}
