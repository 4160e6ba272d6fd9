// Files out of a published npm package, fetched once, checked, and kept in a cache folder.
//
// npm itself downloads (`npm pack`), so that a mirror, a proxy and certificates are those that the
// user has set for npm.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { list, type ReadEntry } from 'tar';
import { CraftError } from '../errors.ts';
import { npm, type RunNpm } from './npm-fs.ts';

/** A version of a package, and what is wanted of it. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the base64 digest of its tarball, as npm prints it for dist.integrity. */
  readonly integrity: string;
  /** Of its tarball. */
  readonly bytes: number;
  /** Path in the tarball to the path below the package's folder in the cache. */
  readonly files: Readonly<Record<string, string>>;
  /** Many small JSON files as one file with a line for each, in the order of their paths. */
  readonly lines?: JoinedFiles;
}

/** Entries of a tarball whose path starts and ends so, and the file that they become. */
export interface JoinedFiles {
  readonly prefix: string;
  readonly suffix: string;
  readonly file: string;
}

export interface FetchOptions {
  /** Where packages are kept. */
  cacheDir: string;
  signal?: AbortSignal | undefined;
  /** Default: the npm of this machine. */
  runNpm?: RunNpm;
}

const MOST_FILE_BYTES = 64 * 2 ** 20;
const MOST_JOINED_BYTES = 256 * 2 ** 20;
/** Holds the SHA-256 of every file; written last. */
const RECORD = 'files.json';

/**
 * The folder with the wanted files of a package. If the cache has them undamaged nothing is
 * downloaded; else the package is fetched, its SHA-512 compared with the known one, and the files put
 * in place by one rename, so that a stopped run or two runs at once leave no half folder.
 *
 * @throws {@link CraftError} `DOWNLOAD` if npm is missing or fails, or the package is not the expected
 *   one; `FILE` if the cache folder cannot be written; `ABORTED` if the signal fired.
 */
export async function fetchPackage(pack: NpmPackage, options: FetchOptions): Promise<string> {
  const { cacheDir, signal, runNpm = npm } = options;
  const folder = join(cacheDir, folderName(pack));
  if (await isWhole(folder, pack)) return folder;

  const work = join(cacheDir, `.${folderName(pack)}-${randomUUID()}`);
  try {
    await mkdir(join(work, 'files'), { recursive: true });
    const tarball = await download(pack, work, runNpm, signal);
    await extract(pack, tarball, join(work, 'files'));
    if (signal?.aborted) throw aborted();
    await putInPlace(join(work, 'files'), folder, pack);
    return folder;
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    throw new CraftError(
      'FILE',
      `cache: expected a folder that can be written at ${cacheDir}; got ${messageOf(cause)}. Set CRAFT_XAI_CACHE to another folder`,
      { cause },
    );
  } finally {
    await rm(work, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Lets npm write the tarball into `work` and checks that it is the known one. */
async function download(
  pack: NpmPackage,
  work: string,
  runNpm: RunNpm,
  signal: AbortSignal | undefined,
): Promise<string> {
  const spec = `${pack.name}@${pack.version}`;
  // `work` is the working folder and not an argument: its name may hold what a shell would read
  const args = ['pack', spec, '--pack-destination=.', '--ignore-scripts', '--no-dry-run', '--no-workspaces'];
  await runNpm(args, { cwd: work, signal });
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw failed(spec, 'npm pack wrote no .tgz file', 'Try again');
  const path = join(work, tarball);
  const digest = createHash('sha512')
    .update(await readFile(path))
    .digest('base64');
  if (`sha512-${digest}` !== pack.integrity) {
    throw failed(
      spec,
      `a package with the checksum sha512-${digest.slice(0, 12)}… in place of ${pack.integrity.slice(0, 19)}…`,
      'The download is damaged, or the registry that npm is set to changes packages: try again, or set another registry',
    );
  }
  return path;
}

/** Writes the wanted files under the names of `pack`: no path of the tarball is used as one of ours. */
async function extract(pack: NpmPackage, tarball: string, target: string): Promise<void> {
  const wanted = new Map(Object.entries(pack.files));
  const found: Promise<[string, Buffer]>[] = [];
  const lines: Promise<[string, Buffer]>[] = [];
  let joinedBytes = 0;
  await list({
    file: tarball,
    strict: true,
    filter: (path) => wanted.has(path) || isLine(path, pack.lines),
    onReadEntry: (entry) => {
      const isWhole = wanted.has(entry.path);
      if (!isWhole) joinedBytes += entry.size;
      const content = contentOf(entry, joinedBytes);
      content.catch(() => undefined); // awaited below, after the list
      (isWhole ? found : lines).push(content);
    },
  }).catch((cause: unknown) => {
    throw failed(pack.name, `an archive that cannot be read (${messageOf(cause)})`, 'Try again');
  });
  const record: Record<string, string> = {};
  const contents = (await Promise.all(found)).map(
    ([path, content]) => [wanted.get(path) as string, content] as const,
  );
  if (pack.lines) contents.push([pack.lines.file, joinLines(await Promise.all(lines))]);
  for (const [name, content] of contents) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await writeFile(join(target, name), content);
    record[name] = sha256(content);
  }
  const missing = namesOf(pack).find((name) => !(name in record));
  if (missing !== undefined) throw failed(pack.name, `a package without ${missing}`, 'Report this');
  await writeFile(join(target, RECORD), JSON.stringify(record));
}

async function contentOf(entry: ReadEntry, joinedBytes: number): Promise<[string, Buffer]> {
  if (entry.type !== 'File' || entry.size > MOST_FILE_BYTES || joinedBytes > MOST_JOINED_BYTES) {
    entry.resume();
    throw failed(entry.path, `an entry ${entry.type} of ${entry.size} bytes`, 'Report this');
  }
  return [entry.path, await entry.concat()];
}

function isLine(path: string, lines: JoinedFiles | undefined): boolean {
  return lines !== undefined && path.startsWith(lines.prefix) && path.endsWith(lines.suffix);
}

/** A line for each file, in the order of their paths: JSON has no line break that cannot be left out. */
function joinLines(files: readonly [string, Buffer][]): Buffer {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(
    sorted.map(([, content]) => `${content.toString('utf8').replace(/[\r\n]+/g, '')}\n`).join(''),
  );
}

/** Names of the files of a package in the cache. */
function namesOf({ files, lines }: NpmPackage): string[] {
  return [...Object.values(files), ...(lines ? [lines.file] : [])];
}

/** Renames `from` to `folder`, over a damaged one, unless another process was faster. */
async function putInPlace(from: string, folder: string, pack: NpmPackage): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, folder);
      return;
    } catch (error) {
      if (await isWhole(folder, pack)) return;
      if (attempt === 3) throw error;
      // aside first: removing a folder in place is not one step
      const aside = `${from}-damaged-${attempt}`;
      await rename(folder, aside).catch(() => undefined);
    }
  }
}

/** Whether the folder has every wanted file with the content that was recorded. */
async function isWhole(folder: string, pack: NpmPackage): Promise<boolean> {
  try {
    const record: Record<string, string> = JSON.parse(await readFile(join(folder, RECORD), 'utf8'));
    for (const name of namesOf(pack)) {
      if (record[name] !== sha256(await readFile(join(folder, name)))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function folderName({ name, version }: NpmPackage): string {
  return `${name.replace(/[^a-z0-9.-]+/g, '-').replace(/^-/, '')}-${version}`;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function failed(what: string, got: string, advice: string): CraftError {
  return new CraftError('DOWNLOAD', `download: expected ${what} from npm; got ${got}. ${advice}`);
}

function aborted(): CraftError {
  return new CraftError('ABORTED', 'download: stopped by the caller');
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
