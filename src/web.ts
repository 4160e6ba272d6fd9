// craft-xai in a browser: models, images and reports of a page.

export type { NamedBlob } from './inputs/image-files-web.ts';
export { droppedFiles, fetchedFiles, namedFiles } from './inputs/image-files-web.ts';
export { ImageFiles, type ImageFilesOptions } from './inputs/image-source-web.ts';
export { parseLabels } from './inputs/labels.ts';
export { type ReportSource, renderReport } from './report/render.ts';
export { loadClassifier, type WebLoadOptions, type WebModel } from './runtimes/web/load-classifier-web.ts';
export { type WebExecutionProvider, type WebRuntimeOptions, webRuntime } from './runtimes/web/web-runtime.ts';
export { explainInWorker, inspectInWorker, type WorkerOptions } from './web/explain-in-worker.ts';
export {
  type ExplainJob,
  type ExplainJobResult,
  type JobOptions,
  type JobProgress,
  runExplainJob,
} from './web/explain-job.ts';
export type { InspectJob, WebInspection } from './web/messages.ts';
