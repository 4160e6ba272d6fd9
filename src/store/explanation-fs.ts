// The folder of an explanation: explanation.json, concepts.safetensors, assets/, index.html.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExplainResult } from '../craft/explain.ts';
import { CraftError } from '../errors.ts';
import {
  EXPLANATION_FILE,
  explanationFromJson,
  explanationToJson,
  MATRICES_FILE,
  matricesFromBytes,
  matricesToBytes,
} from './explanation.ts';

/** An explanation of more bytes than this is damaged or hostile: a million inputs need less. */
const MAX_JSON_BYTES = 512 * 2 ** 20;
const MAX_MATRIX_BYTES = 16 * 2 ** 30;

/** Files beside the two of an explanation: path below the folder to content. */
export type ExtraFiles = ReadonlyMap<string, Uint8Array | string>;

/**
 * Writes an explanation as a folder, all of it or nothing: it is made beside `folder` and then renamed.
 * An earlier explanation in `folder` is replaced.
 *
 * @throws {@link CraftError} `FILE` if the folder holds something else, or cannot be written.
 */
export async function saveExplanation(
  folder: string,
  result: ExplainResult,
  extra: ExtraFiles = new Map(),
): Promise<void> {
  await saveFiles(
    folder,
    new Map<string, Uint8Array | string>([
      [EXPLANATION_FILE, explanationToJson(result.explanation)],
      [MATRICES_FILE, matricesToBytes(result.matrices)],
      ...extra,
    ]),
  );
}

/** As {@link saveExplanation}, for files that are made already; the explanation is one of them. */
export async function saveFiles(folder: string, files: ExtraFiles): Promise<void> {
  const target = resolve(folder);
  await checkReplaceable(target);
  await onDisk(target, async () => {
    await mkdir(dirname(target), { recursive: true });
    const beside = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      for (const [path, content] of files) {
        await mkdir(dirname(join(beside, path)), { recursive: true });
        await writeFile(join(beside, path), content);
      }
      await replace(target, join(beside));
    } catch (error) {
      await rm(beside, { recursive: true, force: true });
      throw error;
    }
  });
}

/** @throws {@link CraftError} `FILE` if `folder` exists and is not empty and is no explanation of ours. */
export async function checkReplaceable(folder: string): Promise<void> {
  const target = resolve(folder);
  const found = await stat(target).catch(() => null);
  if (!found) return;
  const names = found.isDirectory() ? await readdir(target) : null;
  if (names && (names.length === 0 || names.includes(EXPLANATION_FILE))) return;
  throw new CraftError(
    'FILE',
    `${folder}: expected a new folder, an empty one, or one with an earlier ${EXPLANATION_FILE}; got ${names ? 'a folder with other files' : 'a file'} – choose another --out`,
  );
}

/**
 * Reads an explanation that {@link saveExplanation} wrote.
 *
 * @throws {@link CraftError} `FILE` if it cannot be read, `FILE_FORMAT` if it is damaged or of another version.
 */
export async function loadExplanation(folder: string): Promise<ExplainResult> {
  const { json, matrices } = await readFolder(folder);
  const explanation = explanationFromJson(json);
  return { explanation, matrices: matricesFromBytes(await matrices(), explanation) };
}

/** The two files of an explanation as they are; the matrices are read when they are asked for. */
export async function readFolder(
  folder: string,
): Promise<{ json: string; matrices: () => Promise<Uint8Array> }> {
  const json = await readBounded(join(folder, EXPLANATION_FILE), MAX_JSON_BYTES);
  return {
    json: json.toString('utf8'),
    matrices: () => readBounded(join(folder, MATRICES_FILE), MAX_MATRIX_BYTES),
  };
}

/** Writes one file of an explanation's folder, whole or not at all. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  await onDisk(path, async () => {
    const beside = await mkdtemp(join(dirname(resolve(path)), `.${basename(path)}-`));
    try {
      await writeFile(join(beside, basename(path)), content);
      await rename(join(beside, basename(path)), path);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  });
}

async function replace(target: string, made: string): Promise<void> {
  const old = `${made}-old`;
  const existed = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(made, target);
  } catch (error) {
    if (existed) await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function readBounded(path: string, most: number): Promise<Buffer> {
  return onDisk(path, async () => {
    const { size } = await stat(path);
    if (size > most) {
      throw new CraftError('FILE_FORMAT', `${path}: expected at most ${most} bytes; got ${size}`);
    }
    return readFile(path);
  });
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'no such file' : message;
    throw new CraftError('FILE', `${path}: expected to read or write it; got ${what}`, { cause });
  }
}
