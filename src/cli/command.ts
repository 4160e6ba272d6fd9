// What a command of craft-xai is, and how its words become options.

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CraftError } from '../errors.ts';
import type { Io } from './io.ts';

/** One option of a command: its type, and its line in the help. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help, such as FILE. */
  readonly value?: string;
  readonly help: string;
}

export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

/** A command: it turns words into a call of the library and prints the result. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the words after the command, for the help and the count. */
  readonly operands: readonly string[];
  /** Words that may follow them. */
  readonly optionalOperands?: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** Command lines that work as they stand. */
  readonly examples: readonly string[];
  run(args: Arguments, io: Io): Promise<void>;
}

const common: Record<string, Option> = {
  json: { type: 'boolean', help: 'the result as JSON on stdout, and nothing else there' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

/** The words of a command line that are wrong: exit code 2. */
export class UsageError extends Error {}

/**
 * Reads the words after the command's name.
 *
 * @throws {@link UsageError} for an unknown option, a missing value, or the wrong number of words.
 */
export function parseCommand(command: Command, words: readonly string[]): Arguments {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, short }] of Object.entries({ ...command.options, ...common })) {
    options[name] = short ? { type, short } : { type };
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${command.name}: ${(error as Error).message}`);
  }
  const values = parsed.values as Arguments['values'];
  const given = parsed.positionals.length;
  const most = command.operands.length + (command.optionalOperands?.length ?? 0);
  if (!values.help && (given < command.operands.length || given > most)) {
    const missing = command.operands.slice(given);
    throw new UsageError(
      missing.length > 0
        ? `${command.name}: expected ${missing.join(' and ')}; got none`
        : `${command.name}: expected ${most} words after the command; got ${given} – quote a path that has spaces`,
    );
  }
  return { values, positionals: parsed.positionals };
}

/** The help text of a command. */
export function helpOf(command: Command): string {
  const optional = (command.optionalOperands ?? []).map((word) => `[${word}]`);
  const usage = ['craft-xai', command.name, ...command.operands, ...optional, '[options]'].join(' ');
  const options = Object.entries({ ...command.options, ...common }).map(([name, { short, value, help }]) => {
    const flag = `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`;
    return `  ${flag.padEnd(26)} ${help}`;
  });
  return `${usage}\n\n${command.summary}\n\nOptions:\n${options.join('\n')}\n\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}\n`;
}

/** A text option, or undefined. */
export function text(args: Arguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

/** A number option, or undefined. @throws {@link CraftError} `OPTION` if it is no number. */
export function numeric(args: Arguments, name: string): number | undefined {
  const value = text(args, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    throw new CraftError('OPTION', `--${name}: expected a number; got ${JSON.stringify(value)}`);
  }
  return number;
}

/** An option that must be there. @throws {@link UsageError} */
export function required(command: Command, args: Arguments, name: string): string {
  const value = text(args, name);
  if (value === undefined || value === '') {
    throw new UsageError(
      `${command.name}: expected --${name} ${command.options[name].value ?? ''}; got none`,
    );
  }
  return value;
}
