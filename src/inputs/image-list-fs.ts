// The image files below a folder.

import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CraftError } from '../errors.ts';

const EXTENSIONS = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;
const HEIC = /\.hei[cf]$/i;

export interface Skipped {
  /** Path below the folder of inputs, with forward slashes. */
  name: string;
  /** In plain words. */
  reason: string;
}

export interface ImageList {
  /** By name in the order of code units, the same on every machine. */
  files: { name: string; path: string }[];
  /** What looks like an input and cannot be one, by name. */
  skipped: Skipped[];
  /** Number of other files: those without the extension of an image, hidden ones not counted. */
  ignored: number;
}

/**
 * Lists the images (jpg, jpeg, png, webp, gif, avif, tif, tiff, in any case) of a folder and of the
 * folders in it. Hidden files and folders are passed over. Links to folders are not followed, links
 * to files only if they stay inside the folder, so that no loop and no way out exists.
 *
 * @throws {@link CraftError} `FILE` if the folder cannot be read, `ABORTED` if the signal fired.
 */
export async function listImages(
  folder: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ImageList> {
  const list: ImageList = { files: [], skipped: [], ignored: 0 };
  const root = await realRoot(folder);
  const open = [''];
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    if (signal?.aborted)
      throw new CraftError('ABORTED', 'images: stopped by the caller while listing the folder');
    for (const entry of await entriesOf(root, below, list)) {
      if (entry.name.startsWith('.')) continue;
      const name = below + entry.name;
      if (entry.isDirectory()) open.push(`${name}/`);
      else await addFile(list, root, name, entry);
    }
  }
  list.files.sort(byName);
  list.skipped.sort(byName);
  return list;
}

/** Order of code units: does not depend on the language of the machine. */
export function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

async function realRoot(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

async function entriesOf(root: string, below: string, list: ImageList): Promise<Dirent[]> {
  try {
    return await readdir(join(root, below), { withFileTypes: true });
  } catch (cause) {
    if (below === '') throw unreadable(root, cause);
    list.skipped.push({ name: below, reason: 'no permission to read the folder, or it has vanished' });
    return [];
  }
}

async function addFile(list: ImageList, root: string, name: string, entry: Dirent): Promise<void> {
  if (entry.isSymbolicLink()) {
    const reason = await whyNotFollowed(root, name);
    if (reason !== null) {
      list.skipped.push({ name, reason });
      return;
    }
  } else if (!entry.isFile()) {
    list.ignored++;
    return;
  }
  if (EXTENSIONS.test(name)) list.files.push({ name, path: join(root, name) });
  else if (HEIC.test(name)) {
    list.skipped.push({ name, reason: 'a HEIC image, which cannot be decoded here: convert it to JPEG' });
  } else list.ignored++;
}

/** Why a link is not followed; null if it leads to a file inside the folder. */
async function whyNotFollowed(root: string, name: string): Promise<string | null> {
  try {
    const target = await realpath(join(root, name));
    const info = await stat(target);
    if (info.isDirectory()) return 'a link to a folder, which is not followed';
    if (!info.isFile()) return 'a link to something that is not a file';
    const inside = target.startsWith(root.endsWith(sep) ? root : root + sep);
    return inside ? null : 'a link to a file outside the folder, which is not followed';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ELOOP'
      ? 'a link that leads to itself'
      : 'a link to a file that does not exist or cannot be read';
  }
}

function unreadable(folder: string, cause: unknown): CraftError {
  return new CraftError(
    'FILE',
    `images: expected a folder of images that can be read, or one image file; got ${folder}: ${cause instanceof Error ? cause.message : cause}. Check the path`,
    { cause },
  );
}
