// ONNX Runtime for Node behind the Runtime interface.

import type * as Ort from 'onnxruntime-node';
import { CraftError } from '../errors.ts';
import { LEVELS, reason, sessionOf } from './ort-session.ts';
import type { Runtime } from './runtime.ts';

/** Options of {@link nodeRuntime}. */
export interface NodeRuntimeOptions {
  /** Threads of one operator; default: the engine's own choice, one a core. */
  readonly threads?: number;
  /** As in ONNX Runtime, in order of preference; default ['cpu']. */
  readonly executionProviders?: readonly string[];
}

/**
 * A core is busy with one image; more in a run only take more memory, whose first touch costs as much as a third of
 * the run (MobileNetV2, 60 images: 8.4 s of CPU and 930 MB at 64, 5.8 s and 410 MB at 8).
 */
const CPU_INPUTS_AT_ONCE = 8;

/**
 * The native ONNX Runtime.
 *
 * @throws {@link CraftError} `RUNTIME` if onnxruntime-node is not installed or does not load.
 */
export async function nodeRuntime({
  threads,
  executionProviders = ['cpu'],
}: NodeRuntimeOptions = {}): Promise<Runtime> {
  const ort = await loadEngine();
  const options: Ort.InferenceSession.SessionOptions = {
    executionProviders: [...executionProviders],
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    // where cores are shared, threads that spin while they wait take time from those that work
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  return {
    ...(executionProviders.every((name) => name === 'cpu') && { inputsAtOnce: CPU_INPUTS_AT_ONCE }),
    version: { 'onnxruntime-node': ort.env.versions.node ?? ort.env.versions.common },
    async open(model, files = new Map(), use = 'often') {
      const externalData = [...files].map(([path, data]) => ({ path, data }));
      try {
        const session = await ort.InferenceSession.create(model, {
          ...options,
          externalData,
          graphOptimizationLevel: LEVELS[use],
        });
        return sessionOf(ort, session);
      } catch (cause) {
        throw new CraftError(
          'RUNTIME',
          `ONNX Runtime: expected a model that it can load; got an error: ${reason(cause)}`,
          {
            cause,
          },
        );
      }
    },
  };
}

async function loadEngine(): Promise<typeof Ort> {
  try {
    const module = (await import('onnxruntime-node')) as typeof Ort & { default?: typeof Ort };
    return module.default ?? module;
  } catch (cause) {
    throw new CraftError(
      'RUNTIME',
      `onnxruntime-node: expected it to be installed; got ${reason(cause)} – run npm install onnxruntime-node (with onnxruntime-node-install=skip in .npmrc if its install step fails)`,
      { cause },
    );
  }
}
