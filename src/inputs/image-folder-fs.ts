// A folder of images as batches of tensors, again and again, without holding it in memory.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decodeImage, encodeSeen, loadSharp, type SharpFunction } from './image-decode-fs.ts';
import { byName, type ImageList, listImages, type Skipped } from './image-list-fs.ts';
import { inOrder } from './in-order.ts';
import { applyPreprocess, type Preprocess } from './preprocess.ts';
import { dimsOf } from './resize.ts';

export interface ImageFolderOptions {
  preprocess: Preprocess;
  /** Images a batch, at least 1; default 32. The last batch may be smaller. */
  batchSize?: number;
  /** Only the first so many that can be decoded, by name; default: all. */
  limit?: number;
  /** Files decoded at once, at least 1; default 2. At most one more is held. */
  concurrency?: number;
  signal?: AbortSignal;
}

/** Images [n, C, H, W] or [n, H, W, C] by the settings, float32, with their names. */
export type ImageBatch = Tensor<Float32Array> & { names: string[] };

export interface ImageFolder extends AsyncIterable<ImageBatch> {
  /** Of the images that can be used, in order; complete after the first whole pass. */
  readonly names: readonly string[];
  /** What cannot be used, and why, by name; complete after the first whole pass. */
  readonly skipped: readonly Skipped[];
  /** Number of files without the extension of an image. */
  readonly ignored: number;
  /** Number of files with the extension of an image. */
  readonly total: number;
  /**
   * A JPEG file of what the model sees of an image: resized and cropped, at the model's size.
   *
   * @throws {@link CraftError} `INPUT` if no image has this name or it cannot be decoded.
   */
  picture(name: string): Promise<Uint8Array>;
}

/**
 * Opens a folder of images, or one image file as a folder of one. Files are decoded while batches are
 * taken, a little ahead; every pass gives the same batches, and a file that could not be decoded is
 * reported once and not tried again.
 *
 * A pass throws {@link CraftError} `NO_INPUTS` at its end if no file could be decoded, `INPUT` if a file
 * could be decoded in an earlier pass and now cannot, `ABORTED` if the signal fired.
 *
 * @throws {@link CraftError} `FILE` if the path cannot be read, `NO_INPUTS` if no file has the extension
 *   of an image, `OPTION` if a number is out of range, `RUNTIME` if sharp is not installed.
 */
export async function openImageFolder(path: string, options: ImageFolderOptions): Promise<ImageFolder> {
  const { preprocess, batchSize = 32, limit = Infinity, concurrency = 2, signal } = options;
  checkCount('batchSize', batchSize);
  checkCount('limit', limit);
  checkCount('concurrency', concurrency);
  const sharp = await loadSharp();
  const list = await listInputs(path, signal);
  if (list.files.length === 0) throw noImages(path, list);
  return new FolderOfImages(path, list, sharp, { preprocess, batchSize, limit, concurrency, signal });
}

type CheckedOptions = Required<Omit<ImageFolderOptions, 'signal'>> & { signal: AbortSignal | undefined };

class FolderOfImages implements ImageFolder {
  readonly ignored: number;
  readonly total: number;
  #source: string;
  #list: ImageList;
  #sharp: SharpFunction;
  #options: CheckedOptions;
  #paths: Map<string, string>;
  #bad = new Map<string, string>(); // name to reason
  #names: string[] | null = null; // of the first whole pass

  constructor(source: string, list: ImageList, sharp: SharpFunction, options: CheckedOptions) {
    this.#source = source;
    this.#list = list;
    this.#sharp = sharp;
    this.#options = options;
    this.#paths = new Map(list.files.map((file) => [file.name, file.path]));
    this.ignored = list.ignored;
    this.total = list.files.length;
  }

  get names(): readonly string[] {
    return this.#names ?? [];
  }

  get skipped(): readonly Skipped[] {
    return [...this.#list.skipped, ...this.#broken()].sort(byName);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ImageBatch, void, undefined> {
    const { preprocess, batchSize, limit } = this.#options;
    const { width, height, channels, layout } = preprocess;
    const size = width * height * channels;
    const seen: string[] = [];
    let names: string[] = [];
    let data = new Float32Array(0);
    const batch = (): ImageBatch => {
      const dims = dimsOf({ count: names.length, channels, height, width }, layout);
      return { data: data.subarray(0, names.length * size), dims, names };
    };
    for await (const { name, pixels } of this.#goodImages()) {
      // new memory for every batch, so that a caller may keep it
      const room = Math.min(batchSize, limit - seen.length, this.total - seen.length);
      if (names.length === 0) data = new Float32Array(room * size);
      applyPreprocess(pixels, preprocess, data.subarray(names.length * size, (names.length + 1) * size));
      names.push(name);
      seen.push(name);
      if (names.length === batchSize) {
        yield batch();
        names = [];
      }
    }
    if (names.length > 0) yield batch();
    if (seen.length === 0) throw noneDecoded(this.#source, this.#broken());
    this.#names = seen;
  }

  async picture(name: string): Promise<Uint8Array> {
    const path = this.#paths.get(name);
    if (path === undefined) {
      throw new CraftError(
        'INPUT',
        `picture: expected the name of an image of the folder; got ${JSON.stringify(name)}`,
      );
    }
    const seen = await encodeSeen(this.#sharp, path, this.#options.preprocess);
    if ('jpeg' in seen) return seen.jpeg;
    throw new CraftError(
      'INPUT',
      `picture: expected an image that can be decoded; got ${name}: ${seen.reason}`,
    );
  }

  /** Decodes in order and reports what is bad, until `limit` are good. */
  async *#goodImages(): AsyncGenerator<{ name: string; pixels: Uint8Array }, void, undefined> {
    const { preprocess, limit, concurrency, signal } = this.#options;
    const known = this.#names;
    const candidates = known ?? [...this.#paths.keys()].filter((name) => !this.#bad.has(name));
    const decode = async (name: string) => ({
      name,
      decoded: await decodeImage(this.#sharp, this.#paths.get(name) as string, preprocess),
    });
    let good = 0;
    checkSignal(signal);
    for await (const { name, decoded } of inOrder(candidates, concurrency, decode)) {
      checkSignal(signal);
      if ('pixels' in decoded) {
        yield { name, pixels: decoded.pixels };
        if (++good >= limit) return;
      } else {
        if (known) throw changed(name, decoded.reason);
        this.#bad.set(name, decoded.reason);
      }
    }
  }

  #broken(): Skipped[] {
    return Array.from(this.#bad, ([name, reason]) => ({ name, reason }));
  }
}

async function listInputs(path: string, signal: AbortSignal | undefined): Promise<ImageList> {
  const info = await stat(path).catch(() => null); // listImages tells what is wrong
  if (info?.isFile()) return { files: [{ name: basename(path), path }], skipped: [], ignored: 0 };
  return listImages(path, signal ? { signal } : {});
}

function checkCount(name: string, value: number): void {
  if (value === Infinity && name === 'limit') return;
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 20) {
    throw new CraftError(
      'OPTION',
      `openImageFolder: expected ${name} to be a whole number from 1 to ${2 ** 20}; got ${value}`,
    );
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CraftError('ABORTED', 'images: stopped by the caller while reading images');
}

function noImages(path: string, { skipped, ignored }: ImageList): CraftError {
  const others = ignored + skipped.length;
  return new CraftError(
    'NO_INPUTS',
    `images: expected at least one jpg, png, webp, gif, avif or tiff file in ${path}; got none (${others} other files)${firstOf(skipped)}: pass the folder that holds the images`,
  );
}

function noneDecoded(path: string, bad: readonly Skipped[]): CraftError {
  return new CraftError(
    'NO_INPUTS',
    `images: expected at least one image that can be decoded in ${path}; got ${bad.length} that cannot${firstOf(bad)}: check the files`,
  );
}

function firstOf(skipped: readonly Skipped[]): string {
  return skipped.length ? `, e.g. ${skipped[0].name}: ${skipped[0].reason}` : '';
}

function changed(name: string, reason: string): CraftError {
  return new CraftError(
    'INPUT',
    `images: expected ${name} to decode as in the first pass; got: ${reason}. Leave the folder as it is during a run`,
  );
}
