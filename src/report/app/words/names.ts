import type { Explained } from '../../report-data.ts';

/** The model's file name without .onnx or .tflite; 'the model' for model.onnx, as many are called. */
export function modelName({ model: { name } }: Explained): string {
  const stem = name.replace(/\.(onnx|tflite)$/i, '') || name;
  return stem.toLowerCase() === 'model' ? 'the model' : stem;
}

/** The class's label, short enough for a sentence: labels of ImageNet list every synonym. */
export const className = (explanation: Explained): string => shorten(explanation.class.label, 48);

/** At most `length` characters, the last an ellipsis if some are left out. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}

/** What a concept is called while nobody has named it. */
export const defaultName = (id: number): string => `Concept ${id + 1}`;

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || path;
