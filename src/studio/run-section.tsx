import type { JobProgress } from '../web/explain-job.ts';
import { Failure } from './failure.tsx';
import type { Run } from './use-run.ts';

/** Of a run on images; on texts, where it differs. */
const STAGES: Record<JobProgress['stage'], string> = {
  load: 'Opening the model',
  encode: 'Running the model on crops',
  factorize: 'Finding concepts',
  transform: 'Running the model on images',
  importance: 'Ranking concepts',
  maps: 'Drawing maps',
  evaluate: 'Testing how far the explanation can be trusted',
  draw: 'Drawing the report',
};
const TEXT_STAGES: Partial<typeof STAGES> = {
  encode: 'Running the model on parts of texts',
  transform: 'Running the model on texts',
  maps: 'Looking for the words',
};

/** Starts and stops the run, and shows where it is. */
export function RunSection({ run, missing, start }: { run: Run; missing: string | null; start: () => void }) {
  const isRunning = run.status === 'running';
  return (
    <section aria-labelledby="run-title">
      <h2 id="run-title">
        <span class="step">4</span> Run
      </h2>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          aria-disabled={missing !== null || isRunning}
          aria-describedby="run-missing"
          onClick={() => missing === null && !isRunning && start()}
        >
          Explain
        </button>
        <button type="button" aria-disabled={!isRunning} onClick={() => isRunning && run.cancel()}>
          Cancel
        </button>
        <span id="run-missing" class="muted">
          {missing ?? ''}
        </span>
      </div>
      <div class="progress">
        <progress aria-label="Progress of the stage" {...barOf(run)} />
        <p role="status">{statusOf(run)}</p>
      </div>
      <Failure fault={run.fault} />
    </section>
  );
}

function barOf({ status, progress }: Run): { value?: number; max: number } {
  if (status === 'done') return { value: 1, max: 1 };
  if (status !== 'running') return { value: 0, max: 1 };
  if (!progress?.total) return { max: 1 }; // it moves without a measure
  return { value: Math.min(progress.done, progress.total), max: progress.total };
}

function statusOf({ status, progress, order }: Run): string {
  const stages = order?.task === 'explainText' ? { ...STAGES, ...TEXT_STAGES } : STAGES;
  if (status === 'running') return progress ? `${stages[progress.stage]} …` : 'Starting …';
  return { idle: '', stopped: 'Stopped.', failed: 'Failed.', done: 'Done: the report is below.' }[status];
}
