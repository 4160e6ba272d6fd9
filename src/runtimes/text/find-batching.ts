// Does a text get the same latent and the same scores in every batch? Asked of the model itself.

import type { Tokens } from '../../inputs/text/tokens.ts';
import type { Batching } from './text-batches.ts';
import type { TextPair } from './text-pair.ts';

/** Float32 sums in another order explain this share of the largest value; padding that is seen changes far more. */
const TOLERANCE = 1e-5;

/**
 * The largest batches in which texts are as they are alone, found by running g and f on `probes`.
 *
 * @param probes - at least three texts of different lengths, and several of one length.
 */
export async function findBatching(pair: TextPair, probes: readonly Tokens[]): Promise<Batching> {
  const latents = await pair.latents(probes, 'alone');
  const scores = await pair.scores(probes, 'alone');
  for (const batching of ['padded', 'equal-lengths'] as const) {
    if (!agree(latents.data, (await pair.latents(probes, batching)).data)) continue;
    if (agree(scores.data, (await pair.scores(probes, batching)).data)) return batching;
  }
  return 'alone';
}

function agree(alone: Float32Array, together: Float32Array): boolean {
  const largest = alone.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  return alone.every((v, k) => Math.abs(v - together[k]) <= TOLERANCE * largest);
}
