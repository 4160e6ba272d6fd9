// craft-xai in a browser: models, images and reports of a page.

export type { NamedBlob } from './inputs/image-files-web.ts';
export { droppedFiles, fetchedFiles, namedFiles } from './inputs/image-files-web.ts';
export { ImageFiles, type ImageFilesOptions } from './inputs/image-source-web.ts';
export { parseLabels } from './inputs/labels.ts';
export type { TextFile, TextFileOptions, TextFormat } from './inputs/text/text-file.ts';
export { openTextFile, type TextBlobOptions } from './inputs/text/text-file-web.ts';
export { type ReportSource, renderReport, renderTextReport, type TextReportSource } from './report/render.ts';
export { loadClassifier, type WebLoadOptions, type WebModel } from './runtimes/web/load-classifier-web.ts';
export { loadTextClassifier, type WebTextLoadOptions } from './runtimes/web/load-text-classifier-web.ts';
export { type WebExecutionProvider, type WebRuntimeOptions, webRuntime } from './runtimes/web/web-runtime.ts';
export {
  explainInWorker,
  explainTextInWorker,
  inspectInWorker,
  tryImageInWorker,
  type WorkerOptions,
} from './web/explain-in-worker.ts';
export {
  type ExplainJob,
  type ExplainJobResult,
  type JobOptions,
  type JobProgress,
  runExplainJob,
} from './web/explain-job.ts';
export { type ExplainTextJob, type ExplainTextJobResult, runExplainTextJob } from './web/explain-text-job.ts';
export type { InspectJob, WebInspection } from './web/messages.ts';
export type { Tried, TryJob } from './web/try-job.ts';
