// ONNX Runtime for Node behind the Runtime interface.

import type * as Ort from 'onnxruntime-node';
import { CraftError } from '../errors.ts';
import { fromHalf, toHalf } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Runtime, Session } from './runtime.ts';

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
    async open(model, files = new Map()) {
      const externalData = [...files].map(([path, data]) => ({ path, data }));
      try {
        return sessionOf(ort, await ort.InferenceSession.create(model, { ...options, externalData }));
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

function sessionOf(ort: typeof Ort, session: Ort.InferenceSession): Session {
  const types = new Map(
    session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : 'none']),
  );
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const typed = Object.entries(feeds).map(([name, t]) => [
        name,
        toEngine(ort, t, types.get(name) ?? 'float32'),
      ]);
      let results: Ort.InferenceSession.ReturnType;
      try {
        results = await session.run(Object.fromEntries(typed));
      } catch (cause) {
        throw new CraftError('RUNTIME', `ONNX Runtime: expected a run without error; got: ${reason(cause)}`, {
          cause,
        });
      }
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, fromEngine(name, value)]),
      );
    },
    release: () => session.release(),
  };
}

/** A tensor in the element type that the model's input has; whole numbers are rounded and clamped. */
function toEngine(ort: typeof Ort, { data, dims }: Tensor, type: string): Ort.Tensor {
  switch (type) {
    case 'float32':
      return new ort.Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), dims);
    case 'float16':
      return new ort.Tensor('float16', Uint16Array.from(data, toHalf), dims);
    case 'float64':
      return new ort.Tensor('float64', Float64Array.from(data), dims);
    case 'uint8':
      return new ort.Tensor('uint8', Uint8Array.from(Uint8ClampedArray.from(data)), dims);
    case 'int64':
      return new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims);
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(data), dims);
    case 'bool':
      return new ort.Tensor(
        'bool',
        Uint8Array.from(data, (v) => (v === 0 ? 0 : 1)),
        dims,
      );
    default:
      throw new CraftError(
        'MODEL_UNSUPPORTED',
        `model input: expected float32, float16, float64, uint8, int32, int64 or bool; got ${type}`,
      );
  }
}

function fromEngine(name: string, value: Ort.OnnxValue): Tensor<Float32Array> {
  const dims = [...value.dims];
  if (value.data instanceof Float32Array) return { data: value.data, dims };
  if (value.type === 'float16') return { data: Float32Array.from(value.data as Uint16Array, fromHalf), dims };
  if (value.data instanceof Float64Array) return { data: Float32Array.from(value.data), dims };
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `model output ${name}: expected float numbers; got ${value.type}`,
  );
}

function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n')[0].slice(0, 400);
}
