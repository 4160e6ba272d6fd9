import type { Explanation } from '../craft/explanation.ts';
import type { Plan } from '../craft/plan.ts';
import type { StagePlan } from '../craft/plan-stages.ts';
import { parseRequest } from '../craft/request.ts';
import { CraftError } from '../errors.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { cacheOptions, cacheSettingsOf } from './cache-fs.ts';
import { type Arguments, type Command, numeric, required, text } from './command.ts';
import { describeConcepts } from './describe.ts';
import { describeEvaluation } from './evaluate.ts';
import { mapOptions, methodsOf } from './evaluate-options.ts';
import { explainTextCommand, isTextRun, textOptions } from './explain-text.ts';
import type { Io } from './io.ts';
import { describeRecursion, recursiveOptions, recursiveRequest } from './recursive.ts';
import { type ExplainJob, planExplain, runExplain } from './run-explain.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'Find the concepts that a classifier uses for one class, and write a report.',
  operands: ['MODEL', 'INPUTS'],
  options: {
    class: { type: 'string', short: 'c', value: 'NAME|ID', help: 'the class to explain (required)' },
    out: { type: 'string', short: 'o', value: 'DIR', help: 'folder for the explanation (required)' },
    layer: {
      type: 'string',
      value: 'L',
      help: 'where g ends: tensor, node or module; default: the suggested cut',
    },
    concepts: { type: 'string', short: 'r', value: 'R', help: 'number of concepts; default 10' },
    'patch-size': {
      type: 'string',
      value: 'S',
      help: "side of a crop in pixels of the model's input; default 64",
    },
    rows: {
      type: 'string',
      value: 'crops|dense',
      help: 'factorise crops (default) or every location of whole images',
    },
    'nb-design': {
      type: 'string',
      value: 'N',
      help: 'Sobol design: N·(r+1) runs of h an image if the head is not affine, more for 1 to 3 images; default 32',
    },
    sampler: { type: 'string', value: 'NAME', help: 'sobol (default), halton or latin-hypercube' },
    factorizer: { type: 'string', value: 'NAME', help: 'auto (default), nmf or semi-nmf' },
    'batch-size': { type: 'string', value: 'B', help: 'images in one run of the model; default 32' },
    ...recursiveOptions,
    ...mapOptions,
    seed: { type: 'string', value: 'K', help: 'of every random choice; default 0' },
    limit: { type: 'string', value: 'N', help: 'use the first N images only' },
    labels: {
      type: 'string',
      value: 'FILE',
      help: 'class names, one a line; default: labels.txt beside the model',
    },
    size: { type: 'string', value: 'WxH', help: "the model's input size where the model leaves it free" },
    resize: { type: 'string', value: 'MODE', help: 'stretch or shortest-edge (then centre crop)' },
    mean: { type: 'string', value: 'M,M,M', help: 'subtracted after rescaling, by channel' },
    std: { type: 'string', value: 'S,S,S', help: 'divided by, by channel' },
    rescale: { type: 'string', value: 'F', help: 'factor on pixel values 0 … 255' },
    channels: { type: 'string', value: 'RGB|BGR', help: 'order of the channels' },
    threads: { type: 'string', value: 'T', help: 'threads of the inference engine' },
    ...textOptions,
    ...cacheOptions,
    'dry-run': { type: 'boolean', help: 'print the plan: crops, runs of the model, memory, time' },
  },
  examples: [
    'craft-xai explain model.onnx photos --class "golden retriever" --out out',
    'craft-xai explain model.tflite photos --class 951 --labels labels.txt --concepts 10 --out out',
    'craft-xai explain model.onnx photos --class 951 --recursive --out out',
    'craft-xai explain model.onnx photos --class 951 --out out --dry-run',
    'craft-xai explain model.onnx reviews.csv --text-column review --class positive --compare negative --out out',
  ],
  async run(args, io) {
    if (isTextRun(args)) return explainTextCommand(args, io);
    const job = jobOf(args);
    if (args.values['dry-run']) {
      const plan = await planExplain(job, io);
      io.stdout(args.values.json ? `${JSON.stringify(plan, null, 1)}\n` : describePlan(plan));
      return;
    }
    const { explanation, evaluation, page } = await runExplain(job, io);
    if (args.values.json) io.stdout(`${JSON.stringify(explanation)}\n`);
    else {
      if (evaluation) io.stderr(describeEvaluation(evaluation));
      printResult(explanation, page, io);
    }
  },
};

function jobOf(args: Arguments): ExplainJob {
  const [model, inputs] = args.positionals;
  const request = parseRequest({
    class: required(explainCommand, args, 'class'),
    concepts: numeric(args, 'concepts'),
    patchSize: numeric(args, 'patch-size'),
    rows: text(args, 'rows') as 'crops',
    nbDesign: numeric(args, 'nb-design'),
    sampler: text(args, 'sampler') as 'sobol',
    factorizer: text(args, 'factorizer') as 'auto',
    batchSize: numeric(args, 'batch-size'),
    ...recursiveRequest(args),
    maps: methodsOf(args, 'maps'),
    evaluate: args.values.evaluate === true,
    seed: numeric(args, 'seed'),
  });
  return {
    model,
    inputs,
    request,
    out: required(explainCommand, args, 'out'),
    layer: text(args, 'layer'),
    labels: text(args, 'labels'),
    preprocess: preprocessOf(args),
    limit: numeric(args, 'limit'),
    threads: numeric(args, 'threads'),
    cache: cacheSettingsOf(args),
  };
}

function preprocessOf(args: Arguments): Partial<Preprocess> {
  const settings: Partial<Preprocess> = {};
  const size = text(args, 'size');
  if (size !== undefined) Object.assign(settings, sizeOf(size));
  const resize = text(args, 'resize');
  if (resize !== undefined) settings.resizeMode = resize as Preprocess['resizeMode'];
  const mean = text(args, 'mean');
  if (mean !== undefined) settings.mean = numbersOf('mean', mean);
  const std = text(args, 'std');
  if (std !== undefined) settings.std = numbersOf('std', std);
  const rescale = numeric(args, 'rescale');
  if (rescale !== undefined) settings.rescale = rescale;
  const order = text(args, 'channels');
  if (order !== undefined) settings.channelOrder = order as Preprocess['channelOrder'];
  return settings;
}

function sizeOf(value: string): { width: number; height: number } {
  const match = /^(\d+)(?:[x×](\d+))?$/.exec(value);
  if (!match)
    throw new CraftError(
      'OPTION',
      `--size: expected a size such as 224 or 320x240; got ${JSON.stringify(value)}`,
    );
  return { width: Number(match[1]), height: Number(match[2] ?? match[1]) };
}

function numbersOf(name: string, value: string): number[] {
  const numbers = value.split(',').map(Number);
  if (numbers.some((n) => !Number.isFinite(n))) {
    throw new CraftError(
      'OPTION',
      `--${name}: expected numbers with commas between them; got ${JSON.stringify(value)}`,
    );
  }
  return numbers;
}

function printResult(explanation: Explanation, page: string, io: Io): void {
  for (const warning of explanation.warnings) io.stderr(`warning: ${warning}\n`);
  io.stderr(`${describeConcepts(explanation, 3)}\n`);
  io.stdout(`${page}\n`);
}

function runsOf({ encoderRuns, keptRuns }: Plan): string {
  const all = encoderRuns + keptRuns;
  if (keptRuns === 0) return `${all}`;
  return `${encoderRuns} of ${all}, ${encoderRuns === 0 ? 'all are' : 'the rest is'} kept from earlier runs`;
}

function describeStage({ stage, encoder, head, gradients }: StagePlan): string {
  return `${stage.padEnd(16)} at most ${encoder} runs of g, ${head} of h, ${gradients} backward`;
}

function describeSeconds(stages: Readonly<Record<string, number>>): string {
  const each = Object.entries(stages).map(([stage, seconds]) => `${stage} at most ${Math.ceil(seconds)} s`);
  return each.length === 0 ? '' : `; in addition ${each.join(', ')}`;
}

function describePlan(plan: Awaited<ReturnType<typeof planExplain>>): string {
  const { memory } = plan;
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    `layer            ${plan.layer}`,
    `images           ${plan.images}`,
    `crops            ${plan.images * plan.cropsPerImage} (${plan.cropsPerImage} an image)`,
    `rows of A        ${plan.rows}`,
    `runs of g        ${runsOf(plan)}`,
    `runs of h        ${plan.headRuns}`,
    ...describeRecursion(plan),
    ...plan.stages.map(describeStage),
    `memory           ${megabytes(memory.activations)} activations, ${megabytes(memory.factorization)} factorisation, ${megabytes(memory.batch)} a batch`,
    `time in g and h  about ${Math.ceil(plan.seconds)} s${describeSeconds(plan.stageSeconds)}`,
    '',
  ].join('\n');
}
