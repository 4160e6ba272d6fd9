// What a page and its worker say to each other: plain data, files and typed arrays.

import type { CraftErrorCode } from '../errors.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import type { ModelInspection } from '../onnx/inspect.ts';
import type { WebLoadOptions, WebModel } from '../runtimes/web/load-classifier-web.ts';
import type { ExplainJob, ExplainJobResult, JobProgress } from './explain-job.ts';
import type { ExplainTextJob, ExplainTextJobResult } from './explain-text-job.ts';
import type { Tried, TryJob } from './try-job.ts';

/** A model to look at, with what may say how its images are prepared. A model of texts needs none of it. */
export interface InspectJob extends Pick<WebLoadOptions, 'externalData' | 'preprocess' | 'config' | 'name'> {
  readonly model: WebModel;
}

/** What a model is, where it can be cut, and how its images will be prepared. */
export interface WebInspection {
  readonly name: string;
  readonly format: 'onnx' | 'tflite';
  readonly bytes: number;
  /** Of a model of texts, its layers are the vectors that it can be explained at. */
  readonly inspection: ModelInspection;
  /** null for a model of texts. */
  readonly preprocess: Preprocess | null;
}

/** What a worker can be asked for: name to job and result. */
export interface Tasks {
  explain: { job: ExplainJob; result: ExplainJobResult };
  explainText: { job: ExplainTextJob; result: ExplainTextJobResult };
  inspect: { job: InspectJob; result: WebInspection };
  tryImage: { job: TryJob; result: Tried };
}

/** From the page: one task; the worker is for one. */
export type Order = { [T in keyof Tasks]: { readonly task: T; readonly job: Tasks[T]['job'] } }[keyof Tasks];

/** From the worker; after a result or an error nothing more comes. */
export type Answer =
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  | { readonly kind: 'result'; readonly result: Tasks[keyof Tasks]['result'] }
  | { readonly kind: 'error'; readonly code: CraftErrorCode; readonly message: string };
