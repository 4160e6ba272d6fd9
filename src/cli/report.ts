import { writeReport } from '../report/report-fs.ts';
import type { Command } from './command.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'Write the page of an explanation again, from its files.',
  operands: ['DIR'],
  options: {},
  examples: ['craft-xai report out'],
  async run({ values, positionals: [folder] }, io) {
    const page = await writeReport(folder);
    io.stdout(values.json ? `${JSON.stringify({ report: page })}\n` : `${page}\n`);
  },
};
