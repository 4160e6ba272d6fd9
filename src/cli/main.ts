#!/usr/bin/env node
// The craft-xai command. Exit codes: 0 done, 1 failed, 2 misused, 130 stopped by Ctrl-C.

import { CraftError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { type Command, helpOf, parseCommand, UsageError } from './command.ts';
import { cutCommand } from './cut.ts';
import { demoCommand } from './demo.ts';
import { evaluateCommand } from './evaluate.ts';
import { explainCommand } from './explain.ts';
import { inspectCommand } from './inspect.ts';
import type { Io } from './io.ts';
import { progressOn } from './progress.ts';
import { reportCommand } from './report.ts';
import { serveCommand } from './serve.ts';

const commands: readonly Command[] = [
  inspectCommand,
  cutCommand,
  explainCommand,
  evaluateCommand,
  reportCommand,
  serveCommand,
  demoCommand,
];

const usage = `craft-xai COMMAND …

Explain a classifier of images or texts by the concepts it uses. Nothing leaves this machine.

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

craft-xai COMMAND --help tells about one command; craft-xai --version prints the version.
Try it: craft-xai demo
`;

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--version') return print(`${VERSION}\n`);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return print(usage, name === undefined ? 2 : 0);
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command)
    throw new UsageError(`craft-xai: expected one of ${commands.map((c) => c.name).join(', ')}; got ${name}`);
  const args = parseCommand(command, rest);
  if (args.values.help) return print(helpOf(command));
  await command.run(args, processIo());
  return 0;
}

function print(text: string, code = 0): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

function processIo(): Io {
  const controller = new AbortController();
  const stop = (): void => {
    // the first asks to stop, a second one no longer waits
    process.once('SIGINT', () => process.exit(130));
    controller.abort(new Error('Ctrl-C'));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    progress: progressOn(process.stderr),
    signal: controller.signal,
  };
}

function fail(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nSee craft-xai ${process.argv[2] ?? ''} --help\n`);
    return 2;
  }
  if (error instanceof CraftError) {
    process.stderr.write(`${error.code === 'ABORTED' ? 'Stopped. ' : ''}${error.message} [${error.code}]\n`);
    if (error.code === 'ABORTED') return 130;
    return error.code === 'OPTION' || error.code === 'CLASS_NOT_FOUND' ? 2 : 1;
  }
  process.stderr.write(
    `craft-xai ${VERSION}: a fault of its own: ${(error as Error)?.stack ?? String(error)}\n`,
  );
  return 1;
}

main(process.argv.slice(2))
  .catch(fail)
  .then((code) => {
    process.exitCode = code;
  });
