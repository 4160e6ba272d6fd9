import { CraftError } from '../errors.ts';
import { convert, type ImportedModel } from './tflite/convert.ts';
import { readTflite } from './tflite/read.ts';

export type { ImportedModel };

/** Whether bytes carry the identifier of a TFLite file, `TFL3` at byte 4. */
export function isTflite(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [0x54, 0x46, 0x4c, 0x33].every((byte, i) => bytes[4 + i] === byte);
}

/**
 * Imports a TFLite classifier as an ONNX model (opset 17) of the same function on real numbers.
 *
 * Maps are NCHW, the batch is free. A quantised model becomes one of float32: weights by
 * (q − zeroPoint)·scale, activations without rounding; the ReLU that a quantised output implies is
 * kept (see tflite/activation.ts). Names are those of the file up to their first `;`.
 *
 * @returns the model's bytes, its input and outputs, and the operators counted.
 * @throws {@link CraftError} `MODEL_FORMAT` if the bytes are not TFLite or contradict themselves;
 *   `MODEL_UNSUPPORTED` naming every operator and type without a counterpart.
 */
export function tfliteToOnnx(bytes: Uint8Array): ImportedModel {
  if (!isTflite(bytes)) {
    throw new CraftError(
      'MODEL_FORMAT',
      `tfliteToOnnx: expected a TFLite file ("TFL3" at byte 4); got ${bytes.length} bytes of something else. Give a .tflite or .onnx file`,
    );
  }
  return convert(readTflite(bytes), bytes.length);
}
