// A classifier in a browser: from bytes, a file that a user chose, or a URL.

import type { Classifier } from '../../craft/classifier.ts';
import { CraftError } from '../../errors.ts';
import { isTflite } from '../../formats/tflite.ts';
import { fetchBlob, nameOf } from '../../inputs/image-files-web.ts';
import { externalFiles } from '../../onnx/external-files.ts';
import { type ClassifierOptions, classifierOf, type ModelFile } from '../load-classifier.ts';
import { checkedClassifier } from './gpu-check.ts';
import { type WebRuntimeOptions, webRuntime } from './web-runtime.ts';

/** Options of {@link loadClassifier}. */
export interface WebLoadOptions extends Omit<ClassifierOptions, 'engine' | 'activations'>, WebRuntimeOptions {
  /** File name for the record; default: of the File or URL, else `model`. */
  readonly name?: string;
  /** External data of the model by the location that it names; from a URL they are found beside it. */
  readonly externalData?: Readonly<Record<string, Uint8Array | Blob>>;
  readonly signal?: AbortSignal;
}

/** A model to load: its bytes, a file, or where it is. */
export type WebModel = Uint8Array | Blob | URL | string;

/** A model of more bytes than this does not fit a 32-bit WebAssembly memory with its runs. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Loads an ONNX or TFLite image classifier, finds the layer, cuts it there and checks that h(g(x)) = f(x).
 *
 * With `executionProviders: ['webgpu']` its numbers are compared with WebAssembly's on one sample first; where they
 * differ, or where there is no WebGPU, WebAssembly runs it and `warnings` says so.
 *
 * @param model - bytes, a Blob or File, or a URL that this page may read.
 * @throws {@link CraftError} `FILE`, `DOWNLOAD`, `MODEL_FORMAT`, `MODEL_UNSUPPORTED`, `LAYER_NOT_FOUND`, `NOT_A_CUT`,
 *   `CUT_MISMATCH`, `RUNTIME`, `OPTION`, `ABORTED`.
 *
 * @example
 * const classifier = await loadClassifier(new URL('model.onnx', location.href), { layer: 'layer4' });
 * const craft = new Craft({ ...classifier, numberOfConcepts: 10 });
 */
export async function loadClassifier(model: WebModel, options: WebLoadOptions = {}): Promise<Classifier> {
  const file = await readModel(model, options);
  const { executionProviders = ['wasm'] } = options;
  if (!executionProviders.includes('webgpu')) return loadWith(file, options);
  const trusted = await loadWith(file, { ...options, executionProviders: ['wasm'] });
  return checkedClassifier(trusted, async () => {
    if ('gpu' in navigator) return loadWith(file, options);
    throw new CraftError('RUNTIME', 'this browser has none');
  });
}

async function loadWith(file: ModelFile, options: WebLoadOptions): Promise<Classifier> {
  return classifierOf(await webRuntime(options), file, options);
}

/** The bytes of a model with its external data. @throws {@link CraftError} as {@link loadClassifier}. */
export async function readModel(
  model: WebModel,
  { name, externalData = {}, signal }: Pick<WebLoadOptions, 'name' | 'externalData' | 'signal'> = {},
): Promise<ModelFile> {
  const url =
    typeof model === 'string' || model instanceof URL ? new URL(model, globalThis.location?.href) : null;
  const content = url ? await fetchBlob(url, signal ? { signal } : {}) : (model as Uint8Array | Blob);
  const bytes = await bytesOf(content, 'model');
  const files = new Map<string, Uint8Array>();
  for (const location of isTflite(bytes) ? [] : externalFiles(bytes)) {
    const given = Object.hasOwn(externalData, location) ? externalData[location] : null;
    if (given === null && url === null) throw missing(location);
    const data = given ?? (await fetchBlob(beside(url as URL, location), signal ? { signal } : {}));
    files.set(location, await bytesOf(data, location));
  }
  const own = url ? nameOf(url) : model instanceof File ? model.name : 'model';
  return { name: name ?? own, bytes, files };
}

/** The URL of a file below a model's folder: whatever the model calls it, no other host is asked. */
function beside(url: URL, location: string): URL {
  return new URL(location.split(/[\\/]/).map(encodeURIComponent).join('/'), url);
}

async function bytesOf(content: Uint8Array | Blob, what: string): Promise<Uint8Array> {
  const size = content instanceof Blob ? content.size : content.length;
  if (size > MOST_BYTES) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `${what}: expected at most 2 GiB, which is what a browser can hold; got ${size} bytes – use craft-xai in Node`,
    );
  }
  if (!(content instanceof Blob)) return content;
  try {
    return new Uint8Array(await content.arrayBuffer());
  } catch (cause) {
    throw new CraftError(
      'FILE',
      `${what}: expected a file that can be read; got ${(cause as Error).message} – choose it again`,
      { cause },
    );
  }
}

function missing(location: string): CraftError {
  return new CraftError(
    'FILE',
    `model: expected its external data ${JSON.stringify(location.slice(0, 120))} too; got none – give it together with the model`,
  );
}
