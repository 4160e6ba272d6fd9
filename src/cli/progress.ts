// Progress as a person wants to see it.

import cliProgress from 'cli-progress';
import type { Progress } from '../craft/options.ts';
import type { DownloadProgress, Io } from './io.ts';

const NAMES: Record<(Progress | DownloadProgress)['stage'], string> = {
  download: 'Fetching',
  encode: 'Running the model on rows',
  transform: 'Running the model on inputs',
  factorize: 'Finding concepts',
  importance: 'Ranking concepts',
  maps: 'Drawing maps',
  evaluate: 'Testing the explanation',
};

/** Seconds between two lines of progress where there is no terminal. */
const LINE_EVERY = 5;

/** A bar with rate and time left on a terminal, else a line every few seconds. */
export function progressOn(stream: NodeJS.WriteStream): Io['progress'] {
  return stream.isTTY ? bars(stream) : lines(stream);
}

function bars(stream: NodeJS.WriteStream): Io['progress'] {
  let bar: cliProgress.SingleBar | null = null;
  let stage = '';
  let started = 0;
  const done = (): void => {
    bar?.stop();
    bar = null;
    stage = '';
  };
  return {
    done,
    report(progress) {
      if (progress.stage !== stage) {
        done();
        stage = progress.stage;
        bar = new cliProgress.SingleBar({
          stream,
          format: `${NAMES[progress.stage].padEnd(28)} {bar} {value}/{total} · {rate}/s · {eta_formatted} left`,
          barCompleteChar: '█',
          barIncompleteChar: '░',
          barsize: 24,
          hideCursor: true,
        });
        bar.start(progress.total ?? progress.done, 0, { rate: '–' });
        started = performance.now();
      }
      const seconds = (performance.now() - started) / 1000;
      bar?.setTotal(Math.max(progress.total ?? 0, progress.done, 1));
      bar?.update(progress.done, { rate: seconds > 0 ? rateOf(progress.done / seconds) : '–' });
    },
  };
}

function lines(stream: NodeJS.WriteStream): Io['progress'] {
  let stage = '';
  let since = 0;
  let last = 0;
  return {
    done() {
      stage = '';
    },
    report({ stage: now, done, total }) {
      const time = performance.now() / 1000;
      if (now !== stage) {
        stage = now;
        since = time;
        last = 0;
      } else if (time - last < LINE_EVERY) return;
      last = time;
      const rate = done / Math.max(time - since, 1e-3);
      const left = total && done > 0 && time > since ? `, ${Math.ceil((total - done) / rate)} s left` : '';
      stream.write(`${NAMES[now]}: ${done}${total ? ` of ${total}` : ''}${left}\n`);
    },
  };
}

function rateOf(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(2);
}
