// ONNX Runtime in the page, as far as it is used here.

import type { LiveHead } from '../../report-data.ts';
import { bytesOf } from '../bytes-of.ts';
import { receive } from './receive.ts';

interface EngineTensor {
  readonly data: ArrayLike<number>;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, EngineTensor>): Promise<Record<string, EngineTensor>>;
}

export interface Engine {
  readonly env: { readonly wasm: { wasmBinary?: ArrayBuffer; numThreads?: number } };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => EngineTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: { executionProviders: string[] }): Promise<Session>;
  };
}

export async function openEngine({ engine: path }: LiveHead): Promise<Engine> {
  const engine = (await receive(path, 'engine')) as Engine;
  const packed = bytesOf((await receive(path, 'wasm')) as string);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  engine.env.wasm.wasmBinary = await new Response(stream).arrayBuffer(); // else it would fetch it
  engine.env.wasm.numThreads = 1; // threads need a page from a server that isolates it
  return engine;
}
