// The ways to treat signed latents, each before a fit.

import type { TextClassifier } from '../classifier.ts';
import { CraftParts } from '../parts.ts';
import type { SignsWay } from './compare-signs.ts';
import { encodeTexts, type TextLatents } from './encode-texts.ts';
import { mapRows, widthOf } from './latent-matrix.ts';
import type { LatentMatrix } from './latent-storage.ts';
import { splitSigns, withSplitSigns } from './split-signs.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import type { TextRequest } from './text-request.ts';

/** The way that the request asks for, or another one. */
export function wayOf(
  request: TextRequest,
  classifier: TextClassifier,
  { units, texts }: TextLatents,
  factorizer: TextRequest['factorizer'] = request.factorizer,
): SignsWay {
  const options = {
    ...classifier,
    numberOfConcepts: request.concepts,
    batchSize: request.batchSize,
    seed: request.seed,
    activations: null,
  };
  const layer = classifier.layer.tensor;
  if (factorizer === 'split') {
    const parts = new CraftParts({ ...withSplitSigns(options), factorizer: 'nmf' });
    const split = (A: LatentMatrix): LatentMatrix => mapRows(A, 2 * widthOf(A), splitSigns);
    return { way: 'split', layer, parts, units: split(units), texts: split(texts) };
  }
  const way = factorizer === 'nmf' ? 'nmf' : 'semi-nmf';
  return { way, layer, parts: new CraftParts({ ...options, factorizer }), units, texts };
}

/** The ways that the request does not ask for; g runs again for the ReLU of the head alone. */
export async function otherWays(
  main: SignsWay,
  request: TextRequest,
  effects: TextEffects,
  data: TextData,
  latents: TextLatents,
): Promise<SignsWay[]> {
  const { classifier, relu } = effects;
  const ways = [wayOf(request, classifier, latents, main.way === 'split' ? 'semi-nmf' : 'split')];
  if (!relu) return ways;
  const there = await encodeTexts(data, effects, relu, request);
  return [...ways, { ...wayOf(request, relu, there, 'auto'), way: 'relu' }];
}
