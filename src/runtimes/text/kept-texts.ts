// What is known of texts from earlier runs: their latents, the check, and which texts may run together.

import type { ActivationSpace, Activations } from '../../craft/activation-store.ts';
import type { InputBatch } from '../../craft/batches.ts';
import type { CutCheck } from '../../craft/classifier.ts';
import { sha256 } from '../../craft/sha256.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Batching } from './text-batches.ts';
import type { TextPair } from './text-pair.ts';

/** What a first run on random texts tells. */
export interface TextProbe {
  readonly batching: Batching;
  readonly classes: number;
  /** p */
  readonly width: number;
}

const LATENT = 'text latent';
const PROBE = 'text probe';
const CHECK = 'text check';
const BATCHINGS: readonly Batching[] = ['padded', 'equal-lengths', 'alone'];

/** The probe of an earlier run on the same model, layer and tokenizer, or what `run` tells now. */
export async function keptProbe(
  space: ActivationSpace | null,
  run: () => Promise<TextProbe>,
): Promise<TextProbe> {
  const kept = await space?.get(PROBE, '', ({ facts }) => isProbe(facts));
  if (kept) {
    const [batching, classes, width] = kept.facts.data;
    return { batching: BATCHINGS[batching], classes, width };
  }
  const probe = await run();
  const facts = Int32Array.of(BATCHINGS.indexOf(probe.batching), probe.classes, probe.width);
  await space?.put(PROBE, '', { facts: { data: facts, dims: [facts.length] } });
  return probe;
}

function isProbe(facts: Tensor | undefined): boolean {
  if (!(facts?.data instanceof Int32Array) || facts.data.length !== 3) return false;
  const [batching, classes, width] = facts.data;
  return BATCHINGS[batching] !== undefined && classes > 0 && width > 0;
}

/**
 * g that runs on a text only if no earlier run did, and once if the text is in a batch several times. A unit of a
 * text is a text like others: a word more or less, and it is another one.
 */
export function keptLatents(
  space: ActivationSpace,
  width: number,
  g: TextPair['inputToLatent'],
): TextPair['inputToLatent'] {
  const isLatent = ({ latent }: Activations): boolean =>
    latent?.data instanceof Float32Array && latent.data.length === width;
  return async (batch: InputBatch) => {
    if (!Array.isArray(batch)) return g(batch);
    const texts = [...new Set(batch)];
    const keys = await Promise.all(texts.map(keyOf));
    const found = await Promise.all(keys.map((key) => space.get(LATENT, key, isLatent)));
    const latents = new Map(texts.map((text, n) => [text, found[n]?.latent.data]));
    const missing = [...texts.keys()].filter((n) => found[n] === null);
    space.kept += texts.length - missing.length;
    if (missing.length > 0) {
      const { data } = await g(missing.map((n) => texts[n]));
      await Promise.all(
        missing.map((n, k) => {
          const latent = data.slice(k * width, (k + 1) * width);
          latents.set(texts[n], latent);
          return space.put(LATENT, keys[n], { latent: { data: latent, dims: [width] } });
        }),
      );
    }
    const data = new Float32Array(batch.length * width);
    for (const [n, text] of batch.entries()) data.set(latents.get(text)!, n * width);
    return { data, dims: [batch.length, width] };
  };
}

/** The check of the same texts by an earlier run, in which it passed, or what `check` finds now. */
export async function keptCheck(
  space: ActivationSpace,
  texts: readonly string[],
  check: () => Promise<CutCheck>,
): Promise<CutCheck> {
  const key = await keyOf(JSON.stringify(texts));
  const kept = await space.get(CHECK, key, (entry) => entry.check?.data.length === 3);
  if (kept) {
    const [inputs, maxAbsDifference, maxAbsLogit] = kept.check.data;
    return { inputs, maxAbsDifference, maxAbsLogit };
  }
  const found = await check();
  const data = Float64Array.of(found.inputs, found.maxAbsDifference, found.maxAbsLogit);
  await space.put(CHECK, key, { check: { data, dims: [data.length] } });
  return found;
}

/** JSON writes half a surrogate pair in letters, where UTF-8 would make all of them the same. */
const keyOf = (text: string): Promise<string> => sha256(JSON.stringify(text));
