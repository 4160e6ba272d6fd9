// A session of ONNX Runtime, for Node or for browsers, behind the Session interface.

import type * as Ort from 'onnxruntime-web';
import { CraftError } from '../errors.ts';
import { fromHalf, toHalf } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Session } from './runtime.ts';

/** What both engines have alike. */
type Engine = Pick<typeof Ort, 'Tensor'>;

/** Layouts of weights for fast kernels take longer to make than a few runs without them. */
export const LEVELS = { once: 'basic', often: 'all' } as const;

/**
 * @param lock - runs one piece of work at a time, for an engine that takes no second run while one is under way; default:
 *   as it comes.
 */
export function sessionOf(
  ort: Engine,
  session: Ort.InferenceSession,
  lock: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Session {
  const types = new Map(
    session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : 'none']),
  );
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const typed = Object.entries(feeds).map(([name, tensor]) => [
        name,
        toEngine(ort, tensor, types.get(name) ?? 'float32'),
      ]);
      let results: Ort.InferenceSession.ReturnType;
      try {
        results = await lock(() => session.run(Object.fromEntries(typed)));
      } catch (cause) {
        throw new CraftError('RUNTIME', `ONNX Runtime: expected a run without error; got: ${reason(cause)}`, {
          cause,
        });
      }
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, fromEngine(name, value)]),
      );
    },
    release: () => lock(() => session.release()),
  };
}

/** A tensor in the element type that the model's input has; whole numbers are rounded and clamped. */
function toEngine(ort: Engine, { data, dims }: Tensor, type: string): Ort.Tensor {
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

function fromEngine(name: string, { data, dims, type }: Ort.OnnxValue): Tensor<Float32Array> {
  if (data instanceof Float32Array) return { data, dims: [...dims] };
  // a browser with Float16Array gives halves as numbers, another as bits
  if (data instanceof Uint16Array) return { data: Float32Array.from(data, fromHalf), dims: [...dims] };
  if (type === 'float16' || type === 'float64') {
    return { data: Float32Array.from(data as Float64Array), dims: [...dims] };
  }
  throw new CraftError('MODEL_UNSUPPORTED', `model output ${name}: expected float numbers; got ${type}`);
}

/** What the engine said, in one line. */
export function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n')[0].slice(0, 400);
}
