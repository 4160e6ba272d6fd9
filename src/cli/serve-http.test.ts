import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoFiles, studioFiles } from './serve-files-fs.ts';
import { type RunningServer, serveFiles } from './serve-http.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

describe('serve', () => {
  let above: string;
  let server: RunningServer;
  let host: string;

  beforeAll(async () => {
    above = mkdtempSync(join(tmpdir(), 'craft-serve-'));
    const folder = mkdtempSync(join(above, 'studio-'));
    writeFileSync(join(above, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'engine.wasm'), new Uint8Array([0, 97, 115, 109]));
    writeFileSync(join(folder, '.hidden'), 'secret');
    writeFileSync(join(folder, 'swapped.txt'), 'plain');
    writeFileSync(join(folder, 'empty.txt'), '');
    symlinkSync(join(above, 'secret.txt'), join(folder, 'link.txt'));
    symlinkSync(above, join(folder, 'up'));
    server = await serveFiles(await studioFiles(folder), 0);
    host = new URL(server.url).host;
    renameSync(join(folder, 'swapped.txt'), join(folder, 'old.txt'));
    symlinkSync(join(above, 'secret.txt'), join(folder, 'swapped.txt'));
  });
  afterAll(async () => {
    await server.close();
    rmSync(above, { recursive: true, force: true });
  });

  /** A request whose path goes as it is written: no client tidies it up. */
  function ask(path: string, headers: object = {}, method = 'GET'): Promise<Answer> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { hostname, port, path, method, headers: { host, ...headers } },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part) => (text += part));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  }

  it('serves the page and the engine, isolated and with their types', async () => {
    const page = await ask('/');
    expect(page).toMatchObject({ status: 200, text: '<!doctype html>' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect((await ask('/engine.wasm?v=1')).headers['content-type']).toBe('application/wasm');
    expect(await ask('/empty.txt')).toMatchObject({ status: 200, text: '' });
    const head = await ask('/', {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe('15');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/%252e%252e/secret.txt',
    '/up/secret.txt',
    '/link.txt',
    '/swapped.txt',
    '/.hidden',
    '//secret.txt',
    '/secret.txt%00',
    '/%',
    '/%ff',
    '/__proto__',
    '/etc/passwd',
    'secret.txt',
    'http://127.0.0.1/secret.txt',
  ])('does not leave its folder for %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain('secret');
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example', 'localhost:1'])(
    'refuses the host %j, which may be a name that points here',
    async (name) => {
      expect((await ask('/', { host: name })).status).toBe(403);
    },
  );

  it('answers by both of its names', async () => {
    expect((await ask('/', { host: host.replace('127.0.0.1', 'localhost') })).status).toBe(200);
  });

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'https://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ])('refuses pages of other sites: %o', async (headers) => {
    expect((await ask('/', headers as object)).status).toBe(403);
  });

  it('answers its own pages, and a link to it', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    for (const headers of [{ origin: `http://${host}` }, link]) {
      expect((await ask('/', headers as object)).status).toBe(200);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const answer = await ask('/', {}, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('survives bytes that are no request', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () =>
        socket.end('\0\0garbage\r\n\r\n'),
      );
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.resume();
    });
    expect((await ask('/')).status).toBe(200);
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(serveFiles(new Map(), port)).rejects.toMatchObject({ code: 'OPTION' });
  });

  it('says that the studio is not there', async () => {
    await expect(studioFiles(join(above, 'none'))).rejects.toMatchObject({ code: 'FILE' });
    await expect(studioFiles(above)).rejects.toMatchObject({ code: 'FILE' });
  });

  it('offers no example where the cache is empty, and fetches none', async () => {
    const served = await demoFiles(join(above, 'cache'));
    expect([...served]).toEqual([['/demo/examples.json', { text: '[]' }]]);
  });
});
