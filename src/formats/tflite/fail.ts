import { CraftError } from '../../errors.ts';

/** The file contradicts itself or the TFLite schema. */
export function malformed(where: string, expected: string, got: unknown): CraftError {
  return new CraftError(
    'MODEL_FORMAT',
    `tfliteToOnnx: ${where}: expected ${expected}; got ${String(got).slice(0, 200)}. The file is damaged or not TFLite: export or download it again`,
  );
}

/** The file is valid and asks for what has no counterpart here. */
export function unsupported(what: string): CraftError {
  return new CraftError(
    'MODEL_UNSUPPORTED',
    `tfliteToOnnx: expected a model of supported operators and types; got ${what.slice(0, 2000)}. Export the model to ONNX and explain that instead`,
  );
}
