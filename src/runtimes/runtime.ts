// What this project asks of an inference engine: open a model, run it on named tensors, close it.

import type { Tensor } from '../tensor/tensor.ts';

/** A model that is ready to run. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the model; every output is float32. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor<Float32Array>>>;
  release(): Promise<void>;
}

/** An inference engine. Passed as an argument, never looked up. */
export interface Runtime {
  /** Name and version of the engine, for the record. */
  readonly version: Readonly<Record<string, string>>;
  /** Inputs of an encoder in one run, at most, where the engine gains nothing by more; default: any number. */
  readonly inputsAtOnce?: number;
  /**
   * Opens an ONNX model.
   *
   * @param files - bytes of the external data that it refers to, by location.
   * @param use - `once`: for a run or two, so that it is opened quickly and not made fast. Default `often`.
   * @throws {@link CraftError} `RUNTIME` with the engine's reason.
   */
  open(model: Uint8Array, files?: ReadonlyMap<string, Uint8Array>, use?: 'once' | 'often'): Promise<Session>;
}
