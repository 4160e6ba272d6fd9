import { CraftError } from '../errors.ts';
import { type Command, numeric } from './command.ts';
import { demoFiles, STUDIO_FOLDER, studioFiles, webgpuFiles } from './serve-files-fs.ts';
import { serveFiles } from './serve-http.ts';

const PORT = 8321;

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Open the studio for a browser on this machine: drop a model and images, get the report.',
  operands: [],
  options: {
    port: { type: 'string', value: 'P', help: `of 127.0.0.1; 0: any that is free; default ${PORT}` },
  },
  examples: ['craft-xai serve', 'craft-xai serve --port 0'],
  async run(args, io) {
    const port = numeric(args, 'port') ?? PORT;
    if (!(Number.isInteger(port) && port >= 0 && port < 65536)) {
      throw new CraftError('OPTION', `--port: expected a whole number from 0 to 65535; got ${port}`);
    }
    const studio = await studioFiles(STUDIO_FOLDER);
    const served = new Map([...studio, ...(await webgpuFiles(studio)), ...(await demoFiles())]);
    const { url, close } = await serveFiles(served, port);
    io.stdout(args.values.json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
    io.stderr('The studio is open at this address, on this machine only. Ctrl-C ends it.\n');
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      else io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await close();
  },
};
