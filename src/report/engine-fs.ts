// ONNX Runtime for browsers as one script that a page opened from a file can load: fetch is refused there.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CraftError } from '../errors.ts';
import { reportEngine } from './engine.generated.ts';

const WASM = 'ort-wasm-simd-threaded.wasm';

/**
 * Text of engine.js: about 5 MB.
 *
 * @throws {@link CraftError} `RUNTIME` if the engine is not beside this package, and onnxruntime-web not installed.
 */
export async function engineScript(): Promise<string> {
  const packed = await promisify(gzip)(await readWasm(), { level: 9 });
  return `craftXai.receive("wasm", "${packed.toString('base64')}");\n${reportEngine}`;
}

/** The package has it for its studio. */
async function readWasm(): Promise<Buffer> {
  try {
    return await readFile(new URL(`../browser/${WASM}`, import.meta.url));
  } catch {
    try {
      return await readFile(createRequire(import.meta.url).resolve(`onnxruntime-web/${WASM}`));
    } catch (cause) {
      throw new CraftError(
        'RUNTIME',
        `live report: expected ${WASM} in the package or in onnxruntime-web; found neither – run npm install onnxruntime-web`,
        { cause },
      );
    }
  }
}
