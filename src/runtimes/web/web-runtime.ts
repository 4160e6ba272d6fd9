// ONNX Runtime for browsers behind the Runtime interface.

import type * as Ort from 'onnxruntime-web';
import { CraftError } from '../../errors.ts';
import { LEVELS, reason, sessionOf } from '../ort-session.ts';
import type { Runtime } from '../runtime.ts';

/** What runs the model: WebAssembly anywhere, WebGPU where the browser has it. */
export type WebExecutionProvider = 'wasm' | 'webgpu';

/** Options of {@link webRuntime}. */
export interface WebRuntimeOptions {
  /** In order of preference; default ['wasm']. */
  readonly executionProviders?: readonly WebExecutionProvider[];
  /**
   * Folder of the engine's .wasm and .mjs files, or the URL of each, as in ONNX Runtime; default: beside its script,
   * which is where bundlers put them.
   */
  readonly wasmPaths?: string | { readonly wasm?: string; readonly mjs?: string };
  /** Threads of one operator; default: the engine's own choice, and 1 in a page that is not cross-origin isolated. */
  readonly threads?: number;
}

const PROVIDERS: readonly string[] = ['wasm', 'webgpu'];

/**
 * ONNX Runtime for browsers, loaded when this is called. It runs in the thread that calls it: see
 * {@link explainInWorker} for one of its own.
 *
 * @throws {@link CraftError} `RUNTIME` if onnxruntime-web is not installed or does not load, `OPTION` for
 *   another provider.
 */
export async function webRuntime({
  executionProviders = ['wasm'],
  wasmPaths,
  threads,
}: WebRuntimeOptions = {}): Promise<Runtime> {
  const unknown = executionProviders.find((name) => !PROVIDERS.includes(name));
  if (unknown !== undefined || executionProviders.length === 0) {
    throw new CraftError(
      'OPTION',
      `executionProviders: expected wasm, webgpu or both; got ${unknown ?? 'none'}`,
    );
  }
  const ort = await loadEngine(executionProviders.includes('webgpu'));
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = absolute(wasmPaths);
  if (threads !== undefined) ort.env.wasm.numThreads = threads;
  const lock = oneAtATime();
  return {
    version: { 'onnxruntime-web': ort.env.versions.web ?? ort.env.versions.common },
    async open(model, files = new Map(), use = 'often') {
      const externalData = [...files].map(([path, data]) => ({ path, data }));
      try {
        const session = await lock(() =>
          ort.InferenceSession.create(model, {
            executionProviders: [...executionProviders],
            logSeverityLevel: 3,
            externalData,
            graphOptimizationLevel: LEVELS[use],
          }),
        );
        return sessionOf(ort, session, lock);
      } catch (cause) {
        throw new CraftError(
          'RUNTIME',
          `ONNX Runtime: expected a model that it can load; got an error: ${reason(cause)}`,
          { cause },
        );
      }
    },
  };
}

async function loadEngine(withGpu: boolean): Promise<typeof Ort> {
  try {
    // two builds: the one with WebGPU is twice as large
    return withGpu ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  } catch (cause) {
    throw new CraftError(
      'RUNTIME',
      `onnxruntime-web: expected it to be installed; got ${reason(cause)} – run npm install onnxruntime-web`,
      { cause },
    );
  }
}

/** The engine imports by these paths from its own script, so that a relative one would be relative to that. */
function absolute(
  paths: NonNullable<WebRuntimeOptions['wasmPaths']>,
): string | { wasm?: string; mjs?: string } {
  const from = (path: string): string => new URL(path, globalThis.location?.href).href;
  if (typeof paths === 'string') return from(paths);
  return Object.fromEntries(Object.entries(paths).map(([kind, path]) => [kind, from(path)]));
}

/** A queue of one: work begins when all before it has ended. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => null);
    return mine;
  };
}
