// The ways to treat signed latents, each as a Craft that is not fitted yet.

import type { TextClassifier } from '../classifier.ts';
import { Craft } from '../craft.ts';
import type { SignsWay } from './compare-signs.ts';
import { encodeTexts, type TextLatents } from './encode-texts.ts';
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
    const craft = new Craft({ ...withSplitSigns(options), factorizer: 'nmf' });
    return { way: 'split', layer, craft, units: splitSigns(units), texts: splitSigns(texts) };
  }
  const way = factorizer === 'nmf' ? 'nmf' : 'semi-nmf';
  return { way, layer, craft: new Craft({ ...options, factorizer }), units, texts };
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
