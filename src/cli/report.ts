import { writeReport } from '../report/report-fs.ts';
import { headOfModel } from '../runtimes/head-of-model-fs.ts';
import { loadExplanation, readFolder } from '../store/explanation-fs.ts';
import { isTextExplanation } from '../store/text-explanation.ts';
import { loadTextExplanation } from '../store/text-explanation-fs.ts';
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
    const head = model === undefined ? null : await headOfModel(model, await explained(folder));
    const page = await writeReport(folder, head);
    io.stdout(args.values.json ? `${JSON.stringify({ report: page })}\n` : `${page}\n`);
  },
};

async function explained(folder: string): Promise<Parameters<typeof headOfModel>[1]> {
  const { json } = await readFolder(folder);
  const load = isTextExplanation(json) ? loadTextExplanation : loadExplanation;
  return (await load(folder)).explanation;
}
