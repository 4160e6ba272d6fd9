// The texts of a source again, after they have been read once.

import { CraftError } from '../../errors.ts';
import { checkAborted } from '../batches.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';

/** Texts in a row with what their units say. */
export interface TextsWithUnits {
  /** Index of the first text, and its row among all units. */
  readonly first: number;
  readonly row: number;
  readonly texts: readonly string[];
  readonly contents: readonly string[];
}

type Pass = Pick<TextEffects, 'source' | 'signal'>;

/**
 * One pass over the texts, in batches of the source.
 *
 * @throws {@link CraftError} `FILE` if they are not those that were read; `ABORTED`.
 */
export async function* passOver(
  { source, signal }: Pass,
  { lengths, units }: Pick<TextData, 'lengths' | 'units'>,
): AsyncGenerator<TextsWithUnits> {
  let first = 0;
  let row = 0;
  for await (const batch of source) {
    checkAborted(signal);
    const texts = batch.map(({ text }) => text);
    texts.forEach((text, k) => {
      if (text.length !== lengths[first + k]) throw changed(source.source, first + k);
    });
    const contents: string[] = [];
    const end = first + texts.length;
    for (let n = row; n < units.count && units.text[n] < end; n++)
      contents.push(texts[units.text[n] - first].slice(units.start[n], units.end[n]));
    yield { first, row, texts, contents };
    first = end;
    row += contents.length;
  }
  if (first < lengths.length) throw changed(source.source, first);
}

/** Batches joined until they have as many characters or units as are worth sorting by length. */
export async function* windowsOf(
  batches: AsyncIterable<TextsWithUnits>,
  most: { characters: number; units: number },
): AsyncGenerator<TextsWithUnits> {
  let parts: TextsWithUnits[] = [];
  let characters = 0;
  let units = 0;
  for await (const batch of batches) {
    parts.push(batch);
    units += batch.contents.length;
    for (const text of batch.texts) characters += text.length;
    if (characters < most.characters && units < most.units) continue;
    yield joined(parts);
    [parts, characters, units] = [[], 0, 0];
  }
  if (parts.length > 0) yield joined(parts);
}

function joined(parts: readonly TextsWithUnits[]): TextsWithUnits {
  const { first, row } = parts[0];
  return {
    first,
    row,
    texts: parts.flatMap(({ texts }) => texts),
    contents: parts.flatMap(({ contents }) => contents),
  };
}

/** Some texts by their index. A pass that ends at the last of them. */
export async function someTexts(
  pass: Pass,
  data: Pick<TextData, 'lengths' | 'units'>,
  wanted: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  if (wanted.size === 0) return found;
  for await (const { first, texts } of passOver(pass, data)) {
    texts.forEach((text, k) => {
      if (wanted.has(first + k)) found.set(first + k, text);
    });
    if (found.size === wanted.size) break;
  }
  return found;
}

function changed(source: string, text: number): CraftError {
  return new CraftError(
    'FILE',
    `${source}: expected the same texts as when it was read first; got another at text ${text + 1} – leave the file as it is during a run`,
  );
}
