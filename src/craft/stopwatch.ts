/** Seconds of the stages of a run. */
export class Stopwatch {
  readonly #seconds: Record<string, number> = {};

  /** Runs a stage and notes how long it took. */
  async time<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.#seconds[stage] = Math.round(performance.now() - start) / 1000;
    return result;
  }

  seconds(): Record<string, number> {
    return { ...this.#seconds };
  }
}
