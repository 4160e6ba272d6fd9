// The texts that an explanation shows, and which of their words each concept needs.

import type { Span } from '../../inputs/text/words.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { TextClassifier } from '../classifier.ts';
import type { RunOptions } from '../options.ts';
import { type Coefficients, occlude, wordParts } from './occlusion.ts';
import type { TextExplanation } from './text-explanation.ts';
import { readEnd } from './token-heatmap.ts';

/** Parts of a text at most: so many runs of g more. */
const MOST_PARTS = 40;
/** Digits of a score that are kept: more than a colour can show. */
const DIGITS = 4;

export function rounded(score: number): number {
  return Number(score.toPrecision(DIGITS));
}

/** What heatmaps are computed from; `order[id]` is a concept's index in the fit. */
export interface HeatmapFacts {
  readonly classifier: TextClassifier;
  readonly order: readonly number[];
  readonly coefficients: Coefficients;
}

/** Half of the texts shown say the class loudest; the others are spread over the rest, from loud to silent. */
export function shownTexts(logits: Tensor, classId: number, most: number): number[] {
  const [N, classes] = logits.dims;
  const score = (n: number): number => logits.data[n * classes + classId];
  const order = Array.from({ length: N }, (_, n) => n).sort((a, b) => score(b) - score(a) || a - b);
  if (N <= most) return order;
  const loud = Math.ceil(most / 2);
  const rest = most - loud;
  const spread = Array.from({ length: rest }, (_, k) => loud + Math.floor(((k + 1) * (N - loud)) / rest) - 1);
  return [...order.slice(0, loud), ...spread.map((at) => order[at])];
}

/** The words or phrases that the map of a text colours: of what the model reads of it. */
export function partsOf(text: string, { tokenize }: Pick<TextClassifier, 'tokenize'>): Span[] {
  return wordParts(text, MOST_PARTS, readEnd(tokenize(text)));
}

/** Occlusion of the words of some texts, of phrases where a text is long, for all concepts. */
export async function heatmapsOf(
  shown: readonly number[],
  texts: ReadonlyMap<number, string>,
  { classifier, order, coefficients }: HeatmapFacts,
  { signal, onProgress }: RunOptions,
): Promise<TextExplanation['heatmaps']> {
  const heatmaps: TextExplanation['heatmaps'] = [];
  for (const [k, input] of shown.entries()) {
    checkAborted(signal);
    // what the model does not read would move into its reach when words before it go
    const text = texts.get(input)!;
    const read = text.slice(0, readEnd(classifier.tokenize(text)));
    const { spans, scores } = await occlude(read, partsOf(text, classifier), coefficients);
    const r = order.length;
    heatmaps.push({
      input,
      method: 'occlusion',
      spans: spans.map(({ start, end }) => [start, end]),
      scores: spans.map((_, s) => order.map((i) => rounded(scores.data[s * r + i]))),
    });
    onProgress?.({ stage: 'maps', done: k + 1, total: shown.length });
  }
  return heatmaps;
}
