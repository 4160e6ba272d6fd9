import { useEffect, useState } from 'preact/hooks';
import { tryImageInWorker } from '../web/explain-in-worker.ts';
import type { ExplainJob, ExplainJobResult } from '../web/explain-job.ts';
import type { Tried } from '../web/try-job.ts';
import { Failure, type Fault, faultOf } from './failure.tsx';
import type { RunOrder } from './settings.ts';
import { TriedImage } from './tried-image.tsx';
import type { RunResult } from './use-run.ts';

/** After a run on images: what its concepts are on another one. */
export function TrySection({ order, result }: { order: RunOrder; result: RunResult }) {
  if (order.task !== 'explain' || result.explanation.inputs.kind !== 'image') return null;
  return <TryImages key={result.report} job={order.job} result={result as ExplainJobResult} />;
}

interface State {
  readonly isRunning: boolean;
  readonly name: string;
  readonly tried: Tried | null;
  readonly fault: Fault | null;
}

const NONE: State = { isRunning: false, name: '', tried: null, fault: null };

function TryImages({ job, result }: { job: ExplainJob; result: ExplainJobResult }) {
  const [image, setImage] = useState<File | null>(null);
  const [{ isRunning, name, tried, fault }, setState] = useState(NONE);
  useEffect(() => {
    if (!image) return;
    const controller = new AbortController();
    const { signal } = controller;
    const after = (part: Partial<State>): void => {
      if (!signal.aborted) setState({ ...NONE, name: image.name, ...part });
    };
    after({ isRunning: true });
    const { explanation, matrices } = result;
    tryImageInWorker({ ...job, image, explanation, W: matrices.W }, { signal }).then(
      (found) => after({ tried: found }),
      (error) => after({ fault: faultOf(error) }),
    );
    return () => controller.abort();
  }, [image, job, result]);
  return (
    <section aria-labelledby="try-title">
      <h2 id="try-title">Try an image of your own</h2>
      <p class="muted lead">
        One that was not part of the run: which of these concepts the model finds on it, and what they do to
        the score of {result.explanation.class.label}.
      </p>
      <label class="chooser">
        Choose an image to try
        <input
          type="file"
          accept="image/*"
          onChange={({ currentTarget }) => setImage(currentTarget.files?.[0] ?? null)}
        />
      </label>
      <p role="status" class="muted">
        {isRunning && `Running the model on ${name} …`}
      </p>
      <Failure fault={fault} />
      {tried && <TriedImage tried={tried} name={name} label={result.explanation.class.label} />}
    </section>
  );
}
