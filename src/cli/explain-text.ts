// `explain` where the inputs are texts: its own options, and what it prints.

import { extname } from 'node:path';
import { parseTextRequest } from '../craft/text/text-request.ts';
import { CraftError } from '../errors.ts';
import { cacheSettingsOf } from './cache-fs.ts';
import { type Arguments, numeric, type Option, text, UsageError } from './command.ts';
import { describeSigns, describeTextConcepts, describeTextPlan } from './describe-text.ts';
import type { Io } from './io.ts';
import { planExplainText, runExplainText, type TextJob } from './run-explain-text.ts';

/** Options of `explain` that only texts have. */
export const textOptions: Readonly<Record<string, Option>> = {
  'text-column': {
    type: 'string',
    value: 'NAME',
    help: 'column of the texts; default: text or a usual name',
  },
  'label-column': {
    type: 'string',
    value: 'NAME',
    help: 'column of their labels; default: label or a usual name',
  },
  'id-column': { type: 'string', value: 'NAME', help: 'column that names the texts; default: their rows' },
  encoding: {
    type: 'string',
    value: 'NAME',
    help: 'characters of the file, such as windows-1252; default: UTF-8, or UTF-16 by its mark',
  },
  units: { type: 'string', value: 'KIND', help: 'rows are auto (default), text, sentence, clause or window' },
  compare: {
    type: 'string',
    value: 'LABEL',
    help: 'compare the class with the texts of this label or class',
  },
  'max-tokens': { type: 'string', value: 'T', help: 'most tokens of a text; default: what the model takes' },
};

const EXTENSIONS = /^\.(csv|tsv|tab|jsonl|ndjson|json|parquet|txt)$/i;
/** Of `explain`, about pixels. */
const IMAGE_ONLY = [
  'patch-size',
  'rows',
  'size',
  'resize',
  'mean',
  'std',
  'rescale',
  'channels',
  'recursive',
  'maps',
];

/** Whether the inputs are texts: by the file's extension, `-`, or an option that only texts have. */
export function isTextRun({ values, positionals }: Arguments): boolean {
  const inputs = positionals[1] ?? '';
  return (
    inputs === '-' ||
    EXTENSIONS.test(extname(inputs)) ||
    Object.keys(textOptions).some((name) => name in values)
  );
}

/** Runs `explain` on texts and prints the concepts. */
export async function explainTextCommand(args: Arguments, io: Io): Promise<void> {
  const unfit = IMAGE_ONLY.find((name) => name in args.values);
  if (unfit !== undefined) {
    throw new CraftError('OPTION', `--${unfit}: expected options for texts; got one that is about images`);
  }
  const job = jobOf(args);
  if (args.values['dry-run']) {
    const plan = await planExplainText(job, io);
    io.stdout(args.values.json ? `${JSON.stringify(plan, null, 1)}\n` : describeTextPlan(plan));
    return;
  }
  const { explanation, page } = await runExplainText(job, io);
  if (args.values.json) {
    io.stdout(`${JSON.stringify(explanation)}\n`);
    return;
  }
  for (const warning of explanation.warnings) io.stderr(`warning: ${warning}\n`);
  io.stderr(`${describeTextConcepts(explanation, 5)}\n${describeSigns(explanation)}\n`);
  io.stdout(`${page}\n`);
}

function jobOf(args: Arguments): TextJob {
  const [model, texts] = args.positionals;
  return {
    model,
    texts,
    request: parseTextRequest({
      class: needed(args, 'class', 'NAME|ID'),
      concepts: numeric(args, 'concepts'),
      units: text(args, 'units') as 'auto',
      factorizer: text(args, 'factorizer') as 'auto',
      nbDesign: numeric(args, 'nb-design'),
      sampler: text(args, 'sampler') as 'sobol',
      batchSize: numeric(args, 'batch-size'),
      seed: numeric(args, 'seed'),
      compare: text(args, 'compare') ?? null,
    }),
    out: needed(args, 'out', 'DIR'),
    layer: text(args, 'layer'),
    labels: text(args, 'labels'),
    limit: numeric(args, 'limit'),
    threads: numeric(args, 'threads'),
    maxTokens: numeric(args, 'max-tokens'),
    cache: cacheSettingsOf(args),
    columns: {
      textColumn: text(args, 'text-column'),
      labelColumn: text(args, 'label-column'),
      idColumn: text(args, 'id-column'),
      encoding: text(args, 'encoding'),
    },
  };
}

/** As `required` of command.ts, which needs the command, and that imports this file. */
function needed(args: Arguments, name: string, value: string): string {
  const given = text(args, name);
  if (given === undefined || given === '')
    throw new UsageError(`explain: expected --${name} ${value}; got none`);
  return given;
}
