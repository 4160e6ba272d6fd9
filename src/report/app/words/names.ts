import type { Explanation } from '../../../craft/explanation.ts';

/** The model's file name without .onnx or .tflite. */
export const modelName = (explanation: Explanation): string =>
  explanation.model.name.replace(/\.(onnx|tflite)$/i, '') || explanation.model.name;

/** What a concept is called while nobody has named it. */
export const defaultName = (id: number): string => `Concept ${id + 1}`;

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || path;
