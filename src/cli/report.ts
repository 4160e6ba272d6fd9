import type { Explained } from '../report/report-data.ts';
import { writeReport } from '../report/report-fs.ts';
import { headOfModel } from '../runtimes/head-of-model-fs.ts';
import { type Command, text } from './command.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Write the page of an explanation again, from its files.',
  operands: ['DIR'],
  options: {
    model: {
      type: 'string',
      short: 'm',
      value: 'FILE',
      help: 'the model that was explained: its second half is put beside the page, where concepts can then be turned down and up',
    },
  },
  examples: ['craft-xai report out', 'craft-xai report out --model model.onnx'],
  async run(args, io) {
    const [folder] = args.positionals;
    const model = text(args, 'model');
    const headOf = model === undefined ? null : (explained: Explained) => headOfModel(model, explained);
    const page = await writeReport(folder, headOf);
    io.stdout(args.values.json ? `${JSON.stringify({ report: page })}\n` : `${page}\n`);
  },
};
