// A model from disk: its bytes, its external data, and what lies beside it (preprocessing, labels).

import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CraftError } from '../errors.ts';
import { isTflite } from '../formats/tflite.ts';
import { readLabels } from '../inputs/labels-fs.ts';
import { externalFiles } from '../onnx/external-files.ts';
import type { ModelFile } from './load-classifier.ts';

/** Hugging Face's file of preprocessing, and the file where timm has it and others have the class names. */
const PREPROCESS_FILE = 'preprocessor_config.json';
const CONFIG_FILE = 'config.json';
const LABELS_FILE = 'labels.txt';
/** A tokenizer.json of 250,000 pieces has 17 MB. */
const MAX_JSON_BYTES = 64 * 2 ** 20;
/** Bytes in one read. */
const CHUNK = 2 ** 28;

/**
 * Reads a model and the external data that it names, which must lie in the model's folder.
 *
 * @throws {@link CraftError} `FILE` if one of them cannot be read, `MODEL_FORMAT` if a location leaves the folder.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await read(path);
  const files = new Map<string, Uint8Array>();
  if (!isTflite(bytes)) {
    for (const location of externalFiles(bytes))
      files.set(location, await read(join(dirname(path), location)));
  }
  return { name: basename(path), bytes, files };
}

/** The parsed preprocessing file beside a model, or undefined. */
export async function preprocessBeside(path: string): Promise<unknown> {
  const own = await jsonBeside(path, PREPROCESS_FILE);
  if (own !== undefined) return own;
  const config = await jsonBeside(path, CONFIG_FILE);
  const isTimm = isRecord(config) && ('pretrained_cfg' in config || 'input_size' in config);
  return isTimm ? config : undefined;
}

/** Class names that lie beside a model, or null. */
export async function labelsBeside(path: string): Promise<string[] | null> {
  const labels = join(dirname(path), LABELS_FILE);
  if (await isFile(labels)) return readLabels(labels);
  const config = await jsonBeside(path, CONFIG_FILE);
  return isRecord(config) && ('id2label' in config || 'label_names' in config)
    ? readLabels(join(dirname(path), CONFIG_FILE))
    : null;
}

/**
 * A parsed JSON file beside a model, or undefined if there is none.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if it is no JSON or above 64 MB.
 */
export async function jsonBeside(path: string, name: string): Promise<unknown> {
  const file = join(dirname(path), name);
  if (!(await isFile(file))) return undefined;
  const { size } = await stat(file);
  if (size > MAX_JSON_BYTES) {
    throw new CraftError('FILE_FORMAT', `${file}: expected at most ${MAX_JSON_BYTES} bytes; got ${size}`);
  }
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CraftError('FILE_FORMAT', `${file}: expected JSON; got ${(cause as Error).message}`, { cause });
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole file, also above the 2 GiB where readFile ends. */
async function read(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; ) {
        const { bytesRead } = await file.read(bytes, at, Math.min(size - at, CHUNK), at);
        if (bytesRead === 0) throw new Error(`it ended at byte ${at} of ${size}`);
        at += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CraftError(
      'FILE',
      `${path}: expected a file that can be read; got ${code === 'ENOENT' ? 'none' : message}`,
      { cause },
    );
  }
}
