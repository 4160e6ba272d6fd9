// What a command may do to the world: print, show progress, be stopped.

import type { Progress } from '../craft/options.ts';

/** Passed to every command; tests pass their own. */
export interface Io {
  /** The result. */
  stdout(text: string): void;
  /** Everything else. */
  stderr(text: string): void;
  /** Progress of the stage that runs; `done()` ends what is shown. */
  readonly progress: { report(progress: Progress | DownloadProgress): void; done(): void };
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Progress of a download, in bytes. */
export interface DownloadProgress {
  readonly stage: 'download';
  readonly done: number;
  readonly total: number | null;
}
