// A folder of images as batches of tensors, again and again, without holding it in memory.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { FolderBatch } from './folder-batch-fs.ts';
import { type FoundImage, ImageContents } from './image-content-fs.ts';
import { encodeSeen, loadSharp, type SharpFunction } from './image-decode-fs.ts';
import { byName, type ImageList, listImages, type Skipped } from './image-list-fs.ts';
import { inOrder } from './in-order.ts';
import type { KeyedBatch } from './keyed-batch.ts';
import type { Preprocess } from './preprocess.ts';

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
   * The batches of a pass with a key for each image: of its bytes, the settings and the decoder. An image
   * is decoded here unless `isKept` says of its key that it was used before, else when it is asked for.
   */
  keyedBatches(isKept: (key: string) => Promise<boolean>): AsyncIterable<KeyedBatch>;
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
 * could be decoded in an earlier pass and is another one or gone now, `ABORTED` if the signal fired.
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
  #contents: ImageContents;
  #bad = new Map<string, string>(); // name to reason
  #names: string[] | null = null; // of the first whole pass

  constructor(source: string, list: ImageList, sharp: SharpFunction, options: CheckedOptions) {
    this.#source = source;
    this.#list = list;
    this.#sharp = sharp;
    this.#options = options;
    this.#paths = new Map(list.files.map((file) => [file.name, file.path]));
    this.#contents = new ImageContents(sharp, this.#paths, options.preprocess);
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
    for await (const batch of this.#batches(async () => false)) {
      const { data, dims } = await batch.read([...batch.keys.keys()]);
      yield { data, dims, names: batch.names };
    }
  }

  keyedBatches(isKept: (key: string) => Promise<boolean>): AsyncIterable<KeyedBatch> {
    return this.#batches(isKept);
  }

  async *#batches(isKept: (key: string) => Promise<boolean>): AsyncGenerator<FolderBatch, void, undefined> {
    const { preprocess, batchSize } = this.#options;
    const seen: string[] = [];
    let images: FoundImage[] = [];
    for await (const image of this.#goodImages(isKept)) {
      images.push(image);
      seen.push(image.name);
      if (images.length === batchSize) {
        yield new FolderBatch(images, this.#contents, preprocess);
        images = [];
      }
    }
    if (images.length > 0) yield new FolderBatch(images, this.#contents, preprocess);
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

  /** Finds images in order and reports what is bad, until `limit` are good. */
  async *#goodImages(isKept: (key: string) => Promise<boolean>): AsyncGenerator<FoundImage, void, undefined> {
    const { limit, concurrency, signal } = this.#options;
    const candidates = this.#names ?? [...this.#paths.keys()].filter((name) => !this.#bad.has(name));
    let good = 0;
    checkSignal(signal);
    for await (const found of inOrder(candidates, concurrency, (name) => this.#contents.find(name, isKept))) {
      checkSignal(signal);
      if ('reason' in found) this.#bad.set(found.name, found.reason);
      else {
        yield found;
        if (++good >= limit) return;
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
