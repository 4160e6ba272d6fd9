// The images of a folder by name, each read, hashed and decoded when it is needed.

import { createHash } from 'node:crypto';
import { CraftError } from '../errors.ts';
import { decodeBytes, readImageFile, type SharpFunction } from './image-decode-fs.ts';
import type { Preprocess } from './preprocess.ts';

/** Raised when the same file and settings give other pixels. */
const DECODER = 2;

/** An image that can be used. */
export interface FoundImage {
  readonly name: string;
  /** Hexadecimal SHA-256 of all that its values follow from: bytes of the file, settings, decoder. */
  readonly key: string;
  /** As the decoder gives them; null where they were not needed. */
  readonly pixels: Uint8Array | null;
}

/** The content of image files. */
export class ImageContents {
  readonly #sharp: SharpFunction;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #preprocess: Preprocess;
  readonly #salt: string;
  readonly #keys = new Map<string, string>(); // by name, of images that could be used

  /** @param paths - of the files by name. */
  constructor(sharp: SharpFunction, paths: ReadonlyMap<string, string>, preprocess: Preprocess) {
    this.#sharp = sharp;
    this.#paths = paths;
    this.#preprocess = preprocess;
    const { notes: _, origin: __, ...settings } = preprocess;
    // other versions may decode to other pixels
    this.#salt = JSON.stringify([settings, sharp.versions, DECODER]);
  }

  /**
   * The image of a name, decoded unless its key `isKept`; or why it cannot be used.
   *
   * @throws {@link CraftError} `INPUT` if it could be used before, and is gone or another one now.
   */
  async find(
    name: string,
    isKept: (key: string) => Promise<boolean>,
  ): Promise<FoundImage | { name: string; reason: string }> {
    const before = this.#keys.get(name);
    if (before !== undefined && (await isKept(before))) return { name, key: before, pixels: null };
    const found = await this.#read(name, before === undefined ? isKept : async () => false);
    if (before !== undefined && 'reason' in found) throw changed(name, found.reason);
    if (before !== undefined && 'key' in found && found.key !== before) throw changed(name, 'another image');
    if ('key' in found) this.#keys.set(name, found.key);
    return found;
  }

  /** The pixels of an image that was found. @throws {@link CraftError} `INPUT` as {@link find}. */
  async pixels(image: FoundImage): Promise<Uint8Array> {
    if (image.pixels) return image.pixels;
    const found = await this.find(image.name, async () => false);
    if ('reason' in found) throw changed(image.name, found.reason);
    return found.pixels as Uint8Array;
  }

  async #read(
    name: string,
    isKept: (key: string) => Promise<boolean>,
  ): Promise<FoundImage | { name: string; reason: string }> {
    const file = await readImageFile(this.#paths.get(name) as string);
    if ('reason' in file) return { name, reason: file.reason };
    const key = createHash('sha256').update(this.#salt).update(file.bytes).digest('hex');
    if (await isKept(key)) return { name, key, pixels: null };
    const decoded = await decodeBytes(this.#sharp, file.bytes, this.#preprocess);
    return 'reason' in decoded ? { name, reason: decoded.reason } : { name, key, pixels: decoded.pixels };
  }
}

function changed(name: string, now: string): CraftError {
  return new CraftError(
    'INPUT',
    `images: expected ${name} to be as in the first pass; got: ${now}. Leave the folder as it is during a run`,
  );
}
