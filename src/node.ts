// craft-xai in Node: models, images and explanations on disk.

export { type ImageFolder, type ImageFolderOptions, openImageFolder } from './inputs/image-folder-fs.ts';
export { readLabels } from './inputs/labels-fs.ts';
export type { TextFile, TextFileOptions, TextFormat } from './inputs/text/text-file.ts';
export { openTextFile, type TextPathOptions } from './inputs/text/text-file-fs.ts';
export { type ReportSource, renderReport, renderTextReport, type TextReportSource } from './report/render.ts';
export { writeReport } from './report/report-fs.ts';
export { type LoadOptions, loadClassifier } from './runtimes/load-classifier-fs.ts';
export { type NodeRuntimeOptions, nodeRuntime } from './runtimes/node.ts';
export { loadTextClassifier, type TextLoadOptions } from './runtimes/text/load-text-classifier-fs.ts';
export {
  type ActivationCache,
  type ActivationCacheOptions,
  openActivationCache,
} from './store/activation-cache-fs.ts';
export { loadEvaluation, saveEvaluation } from './store/evaluation-fs.ts';
export { type ExtraFiles, loadExplanation, saveExplanation } from './store/explanation-fs.ts';
export { type LatentFiles, latentFiles } from './store/latent-files-fs.ts';
export { loadTextExplanation, saveTextExplanation } from './store/text-explanation-fs.ts';
