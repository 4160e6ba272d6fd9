// Running the npm of this machine, on Windows too, without a shell that reads arguments.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CraftError } from '../errors.ts';

/** Runs npm to its end; throws {@link CraftError} `DOWNLOAD` if it fails, `ABORTED` if the signal fired. */
export type RunNpm = (
  args: readonly string[],
  options: { cwd: string; signal?: AbortSignal | undefined },
) => Promise<void>;

/** Runs npm with these arguments, which must be constants: on some Windows a shell reads them. */
export const npm: RunNpm = async (args, { cwd, signal }) => {
  if (signal?.aborted) throw aborted();
  const { command, before, shell } = npmCommand();
  await new Promise<void>((resolve, reject) => {
    const options = { cwd, shell, windowsHide: true, maxBuffer: 2 ** 26, ...(signal && { signal }) };
    execFile(command, [...before, ...args, '--loglevel=error'], options, (error, _stdout, stderr) => {
      if (!error) resolve();
      else reject(signal?.aborted ? aborted() : explained(error, stderr));
    });
  });
};

/** npm as a script for this Node.js where it is found, else by its name. */
function npmCommand(): { command: string; before: string[]; shell: boolean } {
  const beside = dirname(process.execPath);
  const scripts = [
    process.env.npm_execpath ?? '', // set when npm or npx started us; yarn and pnpm put themselves there
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = scripts.find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  if (script !== undefined) return { command: process.execPath, before: [script], shell: false };
  // on Windows npm is a .cmd file, which Node.js starts only through a shell
  return { command: 'npm', before: [], shell: process.platform === 'win32' };
}

function explained(error: Error & { code?: unknown }, stderr: string): CraftError {
  const lines = stderr.split(/\r?\n/).map((line) => line.replace(/^npm (error|ERR!) ?/i, '').trim());
  const said = lines.filter((line) => line !== '' && !line.startsWith('A complete log')).slice(0, 3);
  const got = error.code === 'ENOENT' ? 'no npm on the PATH' : said.join('; ').slice(0, 400) || error.message;
  return new CraftError(
    'DOWNLOAD',
    `download: expected npm pack to fetch a package; got ${got}. Check the connection and npm's registry and proxy (npm config list), then try again`,
    { cause: error },
  );
}

function aborted(): CraftError {
  return new CraftError('ABORTED', 'download: stopped by the caller');
}
