import type { Evaluation, MapMethodScore } from '../craft/attribution/evaluation.ts';
import { cacheOptions, cacheSettingsOf } from './cache-fs.ts';
import { type Command, numeric, required } from './command.ts';
import { methodsOf } from './evaluate-options.ts';
import { runEvaluate } from './run-evaluate.ts';

export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Test an explanation: which maps to trust, and whether the important concepts carry the score.',
  operands: ['DIR'],
  options: {
    model: { type: 'string', short: 'm', value: 'FILE', help: 'the model that was explained (required)' },
    images: {
      type: 'string',
      short: 'i',
      value: 'IMAGES',
      help: 'the images that were explained (required)',
    },
    methods: { type: 'string', value: 'METHOD,…', help: 'maps to test; default all' },
    limit: { type: 'string', value: 'N', help: 'images whose maps are tested, the loudest first; default 4' },
    concepts: { type: 'string', short: 'r', value: 'R', help: 'concepts whose maps are tested; default 3' },
    steps: { type: 'string', value: 'S', help: 'points of a deletion or insertion curve; default 10' },
    threads: { type: 'string', value: 'T', help: 'threads of the inference engine' },
    ...cacheOptions,
  },
  examples: [
    'craft-xai evaluate out --model model.onnx --images photos',
    'craft-xai evaluate out --model model.onnx --images photos --methods grad-cam,occlusion --limit 4',
  ],
  async run(args, io) {
    const { evaluation, page } = await runEvaluate(
      {
        folder: args.positionals[0],
        model: required(evaluateCommand, args, 'model'),
        inputs: required(evaluateCommand, args, 'images'),
        threads: numeric(args, 'threads'),
        cache: cacheSettingsOf(args),
        methods: methodsOf(args, 'methods'),
        images: numeric(args, 'limit'),
        concepts: numeric(args, 'concepts'),
        steps: numeric(args, 'steps'),
      },
      io,
    );
    if (args.values.json) {
      io.stdout(`${JSON.stringify(evaluation)}\n`);
      return;
    }
    io.stderr(describeEvaluation(evaluation));
    io.stdout(`${page}\n`);
  },
};

/** The result as two tables. */
export function describeEvaluation(evaluation: Evaluation): string {
  const tables = (['concept', 'class'] as const).map((of) => {
    const rows = evaluation.maps.filter((row) => row.of === of);
    if (rows.length === 0) return '';
    const head = `${of === 'concept' ? 'Maps of concepts' : 'Maps of the class score'}`.padEnd(24);
    return `${head}  deletion ↓            insertion ↑           μFidelity ↑           s a map\n${rows.map(describeRow).join('\n')}\n`;
  });
  const orders = (evaluation.conceptOrders ?? []).map(
    ({ order, deletion, insertion }) =>
      `  ${order.padEnd(22)}  deletion ${deletion.auc.toFixed(3)}  insertion ${insertion.auc.toFixed(3)}`,
  );
  const skipped = evaluation.skipped.map(({ method, reason }) => `warning: ${method}: ${reason}\n`);
  return `${skipped.join('')}${tables.filter(Boolean).join('\n')}\nConcepts removed and added\n${orders.join('\n') || '  the concepts together do not raise the mean score'}\n`;
}

function describeRow({ method, deletion, insertion, muFidelity, seconds }: MapMethodScore): string {
  const cell = (interval: MapMethodScore['deletion']): string =>
    (interval
      ? `${interval.mean.toFixed(2)} [${interval.lower.toFixed(2)}, ${interval.upper.toFixed(2)}]`
      : '–'
    ).padEnd(20);
  const time = method === 'random' ? '' : seconds.toFixed(2);
  return `  ${method.padEnd(22)}  ${cell(deletion)}  ${cell(insertion)}  ${cell(muFidelity)}  ${time}`;
}
