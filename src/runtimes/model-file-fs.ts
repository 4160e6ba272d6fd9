// A model from disk: its bytes, its external data, and what lies beside it (preprocessing, labels).

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CraftError } from '../errors.ts';
import { isTflite } from '../formats/tflite.ts';
import { readLabels } from '../inputs/labels-fs.ts';
import { externalFiles } from '../onnx/external-files.ts';
import type { ModelFile } from './load-classifier.ts';

/** Names under which preprocessing is found beside a model, in order. */
const CONFIG_FILES = ['preprocessor_config.json'];
/** Names under which class names are found beside a model, in order. */
const LABEL_FILES = ['labels.txt', 'config.json'];
const MAX_CONFIG_BYTES = 16 * 2 ** 20;

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

/** The parsed preprocessor_config.json beside a model, or undefined. */
export async function configBeside(path: string): Promise<unknown> {
  const found = await firstBeside(path, CONFIG_FILES);
  if (!found) return undefined;
  const { size } = await stat(found);
  if (size > MAX_CONFIG_BYTES) {
    throw new CraftError('FILE_FORMAT', `${found}: expected at most ${MAX_CONFIG_BYTES} bytes; got ${size}`);
  }
  try {
    return JSON.parse(await readFile(found, 'utf8'));
  } catch (cause) {
    throw new CraftError('FILE_FORMAT', `${found}: expected JSON; got ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Class names that lie beside a model, or null. */
export async function labelsBeside(path: string): Promise<string[] | null> {
  const found = await firstBeside(path, LABEL_FILES);
  return found ? readLabels(found) : null;
}

async function firstBeside(path: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const candidate = join(dirname(path), name);
    if (
      await stat(candidate).then(
        (s) => s.isFile(),
        () => false,
      )
    )
      return candidate;
  }
  return null;
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CraftError(
      'FILE',
      `${path}: expected a file that can be read; got ${code === 'ENOENT' ? 'none' : message}`,
      {
        cause,
      },
    );
  }
}
