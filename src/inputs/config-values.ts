// What the readers of preprocessing files share: bounded values, and messages that name the key.

import * as v from 'valibot';
import { CraftError } from '../errors.ts';
import type { Preprocess } from './preprocess.ts';

/** What a file says, and remarks on what it says that cannot be followed to the letter. */
export interface FileSettings {
  /** mean and std may have one value for all channels. */
  settings: Partial<Omit<Preprocess, 'origin' | 'notes'>>;
  notes: string[];
}

export const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
export const pair = v.object({ height: side, width: side });
export const shortest = v.object({ shortest_edge: side });
export const finite = v.pipe(v.number(), v.finite());
export const values = v.pipe(v.array(finite), v.minLength(1), v.maxLength(4));
export const positive = v.pipe(v.array(v.pipe(finite, v.gtValue(0))), v.minLength(1), v.maxLength(4));
/** Of the image's side, as crop_pct. */
export const share = v.pipe(finite, v.gtValue(0), v.maxValue(1));
export const flag = v.nullish(v.boolean());

/** Length of the shorter side from which a crop of `side` pixels is the share `cropPct`. */
export function edgeBefore(side: number, cropPct: number): number {
  const edge = Math.floor(side / cropPct);
  if (edge > 16384) {
    throw new CraftError(
      'OPTION',
      `preprocess file: expected crop_pct to leave at most 16384 pixels before the crop; got ${cropPct} for ${side} pixels`,
    );
  }
  return edge;
}

/** Checks `value`, and names the key of the first value that is wrong. */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = v.getDotPath(issue) ?? 'the object';
  throw new CraftError(
    'OPTION',
    `preprocess file: expected ${key} to be ${expectation(issue)}; got ${quote(issue.received)}: correct the file or leave it out`,
  );
}

function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.expected ? issue.expected.slice(0, 120) : issue.message.slice(0, 120);
}

/** A piece of an outside file for a message: short, and without control characters. */
export function quote(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short);
}
