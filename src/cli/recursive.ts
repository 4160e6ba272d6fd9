// The options of `explain` about sub-concepts.

import { CraftError } from '../errors.ts';
import { type Arguments, numeric, type Option } from './command.ts';
import type { TimedPlan } from './plan-time.ts';

export const recursiveOptions: Readonly<Record<string, Option>> = {
  recursive: { type: 'boolean', help: 'take concepts that mix several things apart at earlier layers' },
  depth: { type: 'string', value: 'D', help: 'levels of sub-concepts, with --recursive; default 2' },
  percentile: {
    type: 'string',
    value: 'P',
    help: 'rows that stand for a concept, from this percentile of its coefficient on, with --recursive; default 90',
  },
};

/** Their part of the request. @throws {@link CraftError} `OPTION` for one that needs --recursive. */
export function recursiveRequest(args: Arguments): {
  recursive: boolean;
  depth: number | undefined;
  percentile: number | undefined;
} {
  const recursive = args.values.recursive === true;
  const [depth, percentile] = [numeric(args, 'depth'), numeric(args, 'percentile')];
  if (!recursive && (depth !== undefined || percentile !== undefined)) {
    throw new CraftError(
      'OPTION',
      `--${depth === undefined ? 'percentile' : 'depth'}: expected it together with --recursive; got it alone`,
    );
  }
  return { recursive, depth, percentile };
}

/** Lines of the plan. */
export function describeRecursion({
  recursion,
  recursionSeconds,
}: Pick<TimedPlan, 'recursion' | 'recursionSeconds'>): string[] {
  if (!recursion || !recursionSeconds) return [];
  const { encoderRuns, headRuns, expected, layers } = recursion;
  const { about, most } = recursionSeconds;
  return [
    `sub-concepts     about ${expected.encoderRuns} runs of g, ${expected.headRuns} of h (at most ${encoderRuns}, ${headRuns}), at ${layers.join(', ') || 'no earlier layer'}`,
    `                 about ${Math.ceil(about)} s in them (at most ${Math.ceil(most)} s)`,
  ];
}
