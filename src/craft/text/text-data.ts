// The texts of a run, their units, and the latents of both.

import { CraftError } from '../../errors.ts';
import type { TextItem } from '../../inputs/text/text-source.ts';
import type { TextUnit } from '../../inputs/text/text-unit.ts';
import { textUnits, unitText } from '../../inputs/text/text-units.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextClassifier } from '../classifier.ts';
import type { RunOptions } from '../options.ts';
import type { Stopwatch } from '../stopwatch.ts';
import { encodeTexts } from './encode-texts.ts';
import type { TextEffects } from './text-facts.ts';
import type { TextRequest } from './text-request.ts';

/** All texts of a source and their units. */
export interface TextData {
  readonly items: readonly TextItem[];
  readonly texts: readonly string[];
  readonly units: readonly TextUnit[];
  /** What each unit says. */
  readonly contents: readonly string[];
}

/** Latents of the units [n, p] and of the texts [N, p]. */
export interface TextLatents {
  readonly units: Tensor;
  readonly texts: Tensor;
}

/**
 * Reads a source and parts its texts.
 *
 * @throws {@link CraftError} `NO_INPUTS` if there is no text; `ABORTED`.
 */
export async function readTexts(
  { units: kind, windowWords }: Pick<TextRequest, 'units' | 'windowWords'>,
  effects: Pick<TextEffects, 'source' | 'signal'>,
): Promise<TextData> {
  const items = await readItems(effects);
  const texts = items.map(({ text }) => text);
  const units = textUnits(texts, { kind, windowWords });
  if (units.length > 0) return { items, texts, units, contents: units.map((unit) => unitText(texts, unit)) };
  throw new CraftError(
    'NO_INPUTS',
    `${effects.source.source}: expected at least one text with a word in it; got ${texts.length} without`,
  );
}

/** Runs g on every unit and every text. */
export async function encodeData(
  { contents, texts }: TextData,
  classifier: TextClassifier,
  { batchSize }: Pick<TextRequest, 'batchSize'>,
  watch: Stopwatch,
  run: RunOptions,
): Promise<TextLatents> {
  const encode = (strings: readonly string[], stage: 'encode' | 'transform') =>
    watch.time(stage, () =>
      encodeTexts(strings, (batch) => classifier.inputToLatent(batch), batchSize, { ...run, stage }),
    );
  return { units: await encode(contents, 'encode'), texts: await encode(texts, 'transform') };
}

async function readItems({ source, signal }: Pick<TextEffects, 'source' | 'signal'>): Promise<TextItem[]> {
  const items: TextItem[] = [];
  for await (const batch of source) {
    if (signal?.aborted) throw new CraftError('ABORTED', 'explain: stopped by the caller');
    for (const item of batch) items.push(item);
  }
  if (items.length > 0) return items;
  const [first] = source.skipped;
  throw new CraftError(
    'NO_INPUTS',
    `${source.source}: expected at least one text; got none (${source.skippedCount} rows skipped${first ? `, the first because ${first.reason}` : ''})`,
  );
}
