// What a run keeps of its texts: names, labels and places, and not the texts. These are read again where they are
// needed.

import { CraftError } from '../../errors.ts';
import { textUnits } from '../../inputs/text/text-units.ts';
import { checkAborted } from '../batches.ts';
import type { TextEffects } from './text-effects.ts';
import type { TextRequest } from './text-request.ts';
import { type UnitTable, UnitTableBuilder } from './unit-table.ts';

/** All texts of a source and their units. */
export interface TextData {
  /** Of each text. */
  readonly ids: readonly string[];
  /** As the file has them; null where it has none. */
  readonly labels: readonly (string | null)[];
  /** In UTF-16 units; tells that a file is the same when it is read again. */
  readonly lengths: readonly number[];
  readonly units: UnitTable;
  /** The first few texts. */
  readonly first: readonly string[];
}

/** Texts that h(g(x)) = f(x) is checked on. */
const FIRST = 4;

/**
 * Reads a source once and parts its texts.
 *
 * @throws {@link CraftError} `NO_INPUTS` if there is no text; `ABORTED`.
 */
export async function readTexts(
  { units: kind, windowWords }: Pick<TextRequest, 'units' | 'windowWords'>,
  { source, signal }: Pick<TextEffects, 'source' | 'signal'>,
): Promise<TextData> {
  const [ids, labels, lengths, first]: [string[], (string | null)[], number[], string[]] = [[], [], [], []];
  const units = new UnitTableBuilder();
  const known = new Map<string | null, string | null>(); // one string for the same label of many rows
  for await (const batch of source) {
    checkAborted(signal);
    for (const { id, text, label } of batch) {
      const n = ids.length;
      if (!known.has(label)) known.set(label, label);
      ids.push(id);
      labels.push(known.get(label) ?? null);
      lengths.push(text.length);
      if (n < FIRST) first.push(text);
      for (const { start, end } of textUnits([text], { kind, windowWords }))
        units.add({ text: n, start, end }, text.slice(start, end));
    }
  }
  if (units.count > 0) return { ids, labels, lengths, units: units.finish(), first };
  const [skipped] = source.skipped;
  const reason = skipped ? `, the first because ${skipped.reason}` : '';
  throw new CraftError(
    'NO_INPUTS',
    `${source.source}: expected at least one text with a word in it; got ${ids.length} without (${source.skippedCount} rows skipped${reason})`,
  );
}
