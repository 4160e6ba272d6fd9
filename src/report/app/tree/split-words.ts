// Why a concept was taken apart, or was not, in words made from the numbers.

import type { Split } from '../../../craft/recursion/split-schema.ts';
import { countOf, fixed, inWords, percent } from '../words/numbers.ts';

type Tried = Split['tried'][number];

/** The line that is always seen. */
export function splitTitle(split: Split): string {
  if (split.children.length === 0) return 'Not taken apart';
  return `Made of ${inWords(split.children.length)} sub-concepts`;
}

/** One or two sentences: the verdict and what it rests on. */
export function splitReason(split: Split): string {
  const { rows, tried } = split;
  switch (split.verdict) {
    case 'mixed':
      return mixedReason(split);
    case 'minor':
      return 'Too unimportant to be looked at: it holds less than a twentieth of all importance.';
    case 'few-rows':
      return `Only ${countOf(rows.used, 'row')} stand for it: too few to tell groups from chance.`;
    case 'no-layer':
      return 'There is no earlier layer to look at it from.';
    case 'one-direction':
      return `${atLayers(tried)}, one direction explains all but ${percent(largest(tried))} of its ${countOf(rows.used, 'row')}: there is nothing to tell apart.`;
    case 'unstable':
      return `${atLayers(tried)}, its ${countOf(rows.used, 'row')} may fall into groups, but half of them do not give the groups of the other half.`;
    case 'chance':
      return `${atLayers(tried)}, several sub-concepts explain its ${countOf(rows.used, 'row')} hardly better than they would explain shuffled ones.`;
    case 'whole':
      return `${atLayers(tried)}, its ${countOf(rows.used, 'row')} are more alike than random ones and fall into no groups beyond those of a single cluster: it is one thing.`;
  }
}

function mixedReason({ rows, tried, chosen, fit }: Split): string {
  const layer = tried[chosen!];
  const { gain, chance, stability } = layer.curve[(layer.elbow?.concepts ?? 2) - 1];
  // a row of a dense fit is several at a finer grid
  const count = fit && fit.rows !== rows.used ? ` They were found in ${countOf(fit.rows, 'finer row')}.` : '';
  return `At ${layerName(layer)}, they explain ${percent(gain)} of what one direction leaves of its ${countOf(rows.used, 'row')}, against ${percent(chance)} by chance, and both halves of the rows agree on them (correlation ${fixed(stability ?? 0)}).${count}`;
}

const largest = (tried: readonly Tried[]): number =>
  tried.reduce((most, { curve }) => Math.max(most, curve[0].unexplained), 0);

/** How a sentence about all layers begins. */
const atLayers = (tried: readonly Tried[]): string =>
  tried.length === 1 ? `At ${layerName(tried[0])}` : `At each of ${inWords(tried.length)} earlier layers`;

/** The last two parts of a long path are enough to tell it. */
export function layerName({ layer }: Pick<Tried, 'layer'>): string {
  return layer.name.split('/').filter(Boolean).slice(-2).join('/') || layer.tensor;
}

/** Places as numbers from 1, "1, 3 and 4"; null for none. */
export function placesText(places: readonly number[]): string | null {
  if (places.length === 0) return null;
  const numbers = places.map((place) => `${place + 1}`);
  const last = numbers.pop();
  return `${numbers.length > 0 ? `${numbers.join(', ')} and ` : ''}${last}`;
}
