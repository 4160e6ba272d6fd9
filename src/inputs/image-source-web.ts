// Images that a user gave a page, as batches of tensors, again and again.

import { CraftError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decodeBlob, encodeJpeg } from './image-decode-web.ts';
import type { NamedBlob } from './image-files-web.ts';
import { applyPreprocess, type Preprocess } from './preprocess.ts';
import { dimsOf } from './resize.ts';

const EXTENSIONS = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;
const HEIC = /\.hei[cf]$/i;
/** Decoded pixels up to so many bytes are kept for the next pass. */
const KEEP_BYTES = 256 * 2 ** 20;

export interface ImageFilesOptions {
  readonly preprocess: Preprocess;
  /** Images a batch, at least 1; default 32. The last batch may be smaller. */
  readonly batchSize?: number;
  /** Only the first so many that can be decoded, by name; default: all. */
  readonly limit?: number;
  /** What the images are called together, for the record; default: the folder that they have in common. */
  readonly source?: string;
  readonly signal?: AbortSignal;
}

/**
 * Images of a page. Every pass gives the same batches; a file that cannot be decoded is reported once and
 * not tried again. A pass throws {@link CraftError} `NO_INPUTS` at its end if no file could be decoded,
 * `ABORTED` if the signal fired.
 */
export class ImageFiles implements AsyncIterable<Tensor<Float32Array>> {
  readonly source: string;
  /** Number of files with the extension of an image. */
  readonly total: number;
  /** Number of files without one. */
  readonly ignored: number;
  readonly #options: Required<Pick<ImageFilesOptions, 'preprocess' | 'batchSize' | 'limit'>>;
  readonly #signal: AbortSignal | undefined;
  readonly #files: ReadonlyMap<string, Blob>;
  readonly #bad = new Map<string, string>();
  readonly #kept = new Map<string, Uint8Array>();
  #names: readonly string[] | null = null;
  #room = KEEP_BYTES;

  /**
   * @param files - of any kind; those without the extension of an image are counted and left out.
   * @throws {@link CraftError} `NO_INPUTS` if no file has the extension of an image, `OPTION` if a number is
   *   out of range.
   */
  constructor(files: readonly NamedBlob[], options: ImageFilesOptions) {
    const { preprocess, batchSize = 32, limit = Number.POSITIVE_INFINITY, signal, source } = options;
    checkCount('batchSize', batchSize);
    if (limit !== Number.POSITIVE_INFINITY) checkCount('limit', limit);
    const images = files.filter(({ name }) => EXTENSIONS.test(name));
    for (const { name } of files) {
      if (HEIC.test(name)) this.#bad.set(name, 'a HEIC image, which is not decoded here: convert it to JPEG');
    }
    if (images.length === 0) throw noImages(files);
    this.#options = { preprocess, batchSize, limit };
    this.#signal = signal;
    const folder = commonFolder(images.map(({ name }) => name));
    this.#files = byName(images, folder === null ? 0 : folder.length + 1);
    this.source = source ?? folder ?? 'images';
    this.total = images.length;
    this.ignored = files.length - images.length - this.#bad.size;
  }

  /** Of the images that can be used, in order; complete after the first whole pass. */
  get names(): readonly string[] {
    return this.#names ?? [];
  }

  /** What cannot be used, and why; complete after the first whole pass. */
  get skipped(): readonly { name: string; reason: string }[] {
    return Array.from(this.#bad, ([name, reason]) => ({ name, reason }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Tensor<Float32Array>, void, undefined> {
    const { batchSize, limit } = this.#options;
    const seen: string[] = [];
    let batch: Uint8Array[] = [];
    for (const name of this.#names ?? this.#files.keys()) {
      if (seen.length >= limit) break;
      const pixels = await this.#pixels(name);
      if (pixels === null) continue;
      seen.push(name);
      batch.push(pixels);
      if (batch.length === batchSize) {
        yield this.#tensor(batch);
        batch = [];
      }
    }
    if (batch.length > 0) yield this.#tensor(batch);
    if (seen.length === 0) throw noneDecoded(this.skipped);
    this.#names = seen;
  }

  /**
   * A JPEG file of what the model sees of an image.
   *
   * @throws {@link CraftError} `INPUT` if no image has this name or it cannot be decoded.
   */
  async picture(name: string): Promise<Blob> {
    const pixels = this.#files.has(name) ? await this.#pixels(name) : null;
    if (pixels) return encodeJpeg(pixels, this.#options.preprocess);
    throw new CraftError('INPUT', `picture: expected the name of an image that can be decoded; got ${name}`);
  }

  async #pixels(name: string): Promise<Uint8Array | null> {
    if (this.#signal?.aborted) throw new CraftError('ABORTED', 'images: stopped by the caller');
    const kept = this.#kept.get(name);
    if (kept) return kept;
    if (this.#bad.has(name)) return null;
    const decoded = await decodeBlob(this.#files.get(name) as Blob, this.#options.preprocess);
    if ('reason' in decoded) {
      this.#bad.set(name, decoded.reason);
      return null;
    }
    if (decoded.pixels.length <= this.#room) {
      this.#room -= decoded.pixels.length;
      this.#kept.set(name, decoded.pixels);
    }
    return decoded.pixels;
  }

  #tensor(images: readonly Uint8Array[]): Tensor<Float32Array> {
    const { preprocess } = this.#options;
    const size = preprocess.width * preprocess.height * preprocess.channels;
    const data = new Float32Array(images.length * size);
    images.forEach((pixels, k) => {
      applyPreprocess(pixels, preprocess, data.subarray(k * size, (k + 1) * size));
    });
    return { data, dims: dimsOf({ ...preprocess, count: images.length }, preprocess.layout) };
  }
}

/** The first folder of all names if it is the same, else null. */
function commonFolder(names: readonly string[]): string | null {
  const folder = names[0].slice(0, Math.max(0, names[0].indexOf('/')));
  return folder !== '' && names.every((name) => name.startsWith(`${folder}/`)) ? folder : null;
}

/** By the name after `skip` characters; files of one name, which two pickers may give, are numbered. */
function byName(images: readonly NamedBlob[], skip: number): Map<string, Blob> {
  const files = new Map<string, Blob>();
  for (const { name, blob } of images) {
    const short = name.slice(skip);
    let free = short;
    for (let k = 2; files.has(free); k++) free = `${short} (${k})`;
    files.set(free, blob);
  }
  return files;
}

function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= 2 ** 20) return;
  throw new CraftError(
    'OPTION',
    `images: expected ${name} to be a whole number from 1 to ${2 ** 20}; got ${value}`,
  );
}

function noImages(files: readonly NamedBlob[]): CraftError {
  return new CraftError(
    'NO_INPUTS',
    `images: expected at least one jpg, png, webp, gif, avif or tiff file; got none of ${files.length} files${files[0] ? `, e.g. ${files[0].name.slice(0, 80)}` : ''} – drop the folder that holds the images`,
  );
}

function noneDecoded(bad: readonly { name: string; reason: string }[]): CraftError {
  const first = bad[0] ? `, e.g. ${bad[0].name.slice(0, 80)}: ${bad[0].reason}` : '';
  return new CraftError(
    'NO_INPUTS',
    `images: expected at least one image that can be decoded; got ${bad.length} that cannot${first} – check the files`,
  );
}
