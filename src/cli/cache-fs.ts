// Where this command keeps what a later run can use, and the options about it.

import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { CraftError } from '../errors.ts';
import { type ActivationCache, openActivationCache } from '../store/activation-cache-fs.ts';
import { type Arguments, type Option, text } from './command.ts';
import type { Io } from './io.ts';

/** $CRAFT_XAI_CACHE, where an empty variable counts as none, else the user's cache folder of this system. */
export function cacheFolder(): string {
  return resolve(process.env.CRAFT_XAI_CACHE || envPaths('craft-xai', { suffix: '' }).cache);
}

/** Activations of every model and image, all of them; it can be deleted at any time. */
function activationFolder(): string {
  return join(cacheFolder(), 'activations');
}

/** Of every command that runs a model on inputs. */
export const cacheOptions: Readonly<Record<string, Option>> = {
  'no-cache': {
    type: 'boolean',
    help: `neither use nor keep activations of g; what is kept is in ${activationFolder()} and may be deleted`,
  },
  'cache-limit': {
    type: 'string',
    value: 'SIZE',
    help: 'most that activations take on disk, such as 500MB; the least recently used go; default 8GiB',
  },
};

/** How a run keeps activations; null: not at all. */
export type CacheSettings = { readonly limit?: number } | null;

/** @throws {@link CraftError} `OPTION` if the limit is no size. */
export function cacheSettingsOf(args: Arguments): CacheSettings {
  const limit = text(args, 'cache-limit');
  if (args.values['no-cache'] === true) return null;
  return limit === undefined ? {} : { limit: bytesOf(limit) };
}

/** The activations of earlier runs, or null. */
export async function openActivations(settings: CacheSettings, io: Io): Promise<ActivationCache | null> {
  if (settings === null) return null;
  return openActivationCache({
    ...settings,
    folder: activationFolder(),
    onTrouble: (reason) => io.stderr(`warning: activations are not kept any more: ${reason}\n`),
  });
}

/** Where a run keeps what it cannot hold in memory and nobody needs after it. */
export function scratchFolder(settings: CacheSettings): string {
  return settings === null ? tmpdir() : join(cacheFolder(), 'scratch');
}

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** Bytes of a size such as 2GB, 1.5 GiB or 4096. */
function bytesOf(size: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([KMGT]?)(i?)B)?$/i.exec(size);
  const bytes = match
    ? Math.floor(Number(match[1]) * (match[3] ? 1024 : 1000) ** UNITS.indexOf((match[2] ?? '').toUpperCase()))
    : 0;
  if (bytes > 0) return bytes;
  throw new CraftError(
    'OPTION',
    `--cache-limit: expected a size such as 500MB, 2GB or 1.5GiB; got ${JSON.stringify(size)}`,
  );
}
