// A web server for this machine only: it reads a fixed list of files and does nothing else.
//
// What it holds against: pages of other sites that ask it (Origin, Fetch Metadata), names that are made to point
// here (DNS rebinding: Host), paths that lead out of the folder (no path is ever joined: a request names a file of
// the list or gets 404) and files that become links later (opened without following).

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { CraftError } from '../errors.ts';

/** Path of a URL, `/studio.js`, to the file or the text behind it. */
export type Served = ReadonlyMap<string, { readonly file: string } | { readonly text: string }>;

export interface RunningServer {
  /** `http://127.0.0.1:8321/` */
  readonly url: string;
  /** Ends it and what it is sending. */
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};

/** On every answer. Isolation lets the page share memory between threads. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "frame-ancestors 'none'", // the rest of it is in the page
  'cache-control': 'no-cache',
};

/**
 * Serves the list on the loopback address.
 *
 * @param port - 0: any that is free.
 * @throws {@link CraftError} `OPTION` if the port is taken or may not be used.
 */
export async function serveFiles(served: Served, port: number): Promise<RunningServer> {
  const server = createServer((request, response) => {
    void answer(server, served, request, response).catch(() => response.destroy());
  });
  await listening(server, port);
  const { port: found } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${found}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const got = { EADDRINUSE: 'one that is taken', EACCES: 'one that needs more rights' }[cause.code ?? ''];
      const message = `--port: expected a free port; got ${port}, ${got ?? cause.message} – choose another, or 0 for any that is free`;
      reject(new CraftError('OPTION', message, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(
  server: Server,
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = whyRefused(server, request);
  if (refused) return say(response, ...refused);
  const path = pathOf(request.url ?? '');
  const found = path === null ? undefined : served.get(path);
  if (path === null || !found) return say(response, 404, 'no such file');
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
  if ('text' in found) {
    return send(response, request, type, Buffer.byteLength(found.text), () => void response.end(found.text));
  }
  const file = await openPlain(found.file);
  if (!file) return say(response, 404, 'no such file');
  const { size } = await file.stat();
  await send(response, request, type, size, () =>
    pipeline(file.createReadStream({ start: 0, end: Math.max(size - 1, 0) }), response),
  ).finally(() => file.close());
}

/** Status and reason if this is not a plain question from a page of this server. */
function whyRefused(server: Server, { method, headers }: IncomingMessage): [number, string] | null {
  const { port } = server.address() as AddressInfo;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return [403, 'this server answers on this machine only'];
  const isOwn = headers.origin === undefined || hosts.some((host) => headers.origin === `http://${host}`);
  const site = headers['sec-fetch-site'];
  const isForeign = site === 'cross-site' || site === 'same-site';
  const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (!isOwn || (isForeign && !isVisit)) return [403, 'pages of other sites are not answered'];
  if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET and HEAD'];
  return null;
}

/** The path that a request names, decoded once; null if it cannot be decoded. */
function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split(/[?#]/)[0]);
    return path === '/' ? '/index.html' : path;
  } catch {
    return null;
  }
}

/** A file that is no link; null if it is gone or one. */
async function openPlain(path: string): Promise<FileHandle | null> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch(() => null);
  if (!file) return null;
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return null;
}

async function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  type: string,
  length: number,
  body: () => void | Promise<void>,
): Promise<void> {
  response.writeHead(200, { ...HEADERS, 'content-type': type, 'content-length': length });
  if (method === 'HEAD' || length === 0) response.end();
  else await body();
}

function say(response: ServerResponse, status: number, text: string): void {
  const allow = status === 405 ? { allow: 'GET, HEAD' } : {};
  response.writeHead(status, { ...HEADERS, ...allow, 'content-type': TYPES.txt });
  response.end(`${text}\n`);
}
