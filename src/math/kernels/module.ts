// The WebAssembly module of the kernels: decoded and compiled once, instantiated for each memory.

import { kernelsBase64, memoryFlagsOffset } from './kernels.generated.ts';

/** What the module exports; arguments and results as in src/math/kernels/assembly. */
export type KernelName =
  | 'add'
  | 'addGram'
  | 'compressPass'
  | 'countNonzero'
  | 'descend'
  | 'descentPass'
  | 'extrapolate'
  | 'foldPass'
  | 'gramOfRows'
  | 'inner'
  | 'narrowRows'
  | 'nnlsPass'
  | 'orthonormalize'
  | 'outerPass'
  | 'pack'
  | 'packLanes'
  | 'residualPass'
  | 'rowsOfPanel'
  | 'sketchPass'
  | 'spread';

export type Kernels = Record<KernelName, (...args: number[]) => number>;

const NOT_SHARED = 1;
const compiled: { shared?: Promise<WebAssembly.Module>; own?: Promise<WebAssembly.Module> } = {};

/** The module for a memory that is shared between threads, or not: the same code, one flag apart. */
export function kernelModule(shared: boolean): Promise<WebAssembly.Module> {
  const key = shared ? 'shared' : 'own';
  compiled[key] ??= WebAssembly.compile(bytes(shared));
  return compiled[key];
}

function bytes(shared: boolean): Uint8Array<ArrayBuffer> {
  const text = atob(kernelsBase64);
  const wasm = new Uint8Array(text.length);
  for (let k = 0; k < wasm.length; k++) wasm[k] = text.charCodeAt(k);
  if (!shared) wasm[memoryFlagsOffset] = NOT_SHARED;
  return wasm;
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
