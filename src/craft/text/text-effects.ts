// What a run on texts needs from outside.

import type { TextSource } from '../../inputs/text/text-source.ts';
import type { TextClassifier } from '../classifier.ts';
import type { RunOptions } from '../options.ts';
import type { LatentStorage } from './latent-storage.ts';

/** What a run needs from outside. */
export interface TextEffects extends RunOptions {
  readonly classifier: TextClassifier;
  readonly source: TextSource;
  /** Most texts to use, for the record; the source keeps to it. */
  readonly limit: number | null;
  /** The same model cut at a ReLU after this layer, to tell what its signs cost; default: not told. */
  readonly relu?: TextClassifier | null;
  /** What keeps latents that are too many to be held whole; default: memory. */
  readonly storage?: LatentStorage;
  /** Bytes of a matrix of latents up to which it is held whole; default 256 MiB. */
  readonly wholeBytes?: number;
}
