/** Every code a {@link CraftError} can carry. A code is stable; its meaning is listed in docs/errors.md. */
export type CraftErrorCode =
  | 'SHAPE' // a tensor or matrix has not the dims that the function needs
  | 'VALUE' // a number is out of range, not finite, or of the wrong sign
  | 'OPTION' // an option or a command-line flag is unknown or has a wrong value
  | 'STATE' // a method was called before the one that it needs
  | 'MODEL_FORMAT' // the bytes are not a model that can be read
  | 'MODEL_UNSUPPORTED' // the model is valid and uses what is not supported
  | 'LAYER_NOT_FOUND' // no tensor, node or module has this name
  | 'NOT_A_CUT' // information from the input bypasses this layer
  | 'CUT_MISMATCH' // h(g(x)) differs from f(x)
  | 'CLASS_NOT_FOUND' // no class has this name or id
  | 'INPUT' // one input (image, text) cannot be used
  | 'NO_INPUTS' // none of the inputs can be used
  | 'FILE' // a file cannot be read or written
  | 'FILE_FORMAT' // a file of ours is damaged or of another version
  | 'DOWNLOAD' // a download failed or its checksum is wrong
  | 'RUNTIME' // the inference engine is missing or failed
  | 'ABORTED'; // an AbortSignal fired

/**
 * The one error of craft-xai. `message` reads "where: expected …; got …", and says what to do;
 * `code` is for programs.
 */
export class CraftError extends Error {
  override readonly name = 'CraftError';
  readonly code: CraftErrorCode;

  constructor(code: CraftErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
