// Which other files a model needs.

import { CraftError } from '../errors.ts';
import { decodeModel } from './proto/read.ts';
import { isExternal } from './tensor-values.ts';
import { externalPlace } from './weights.ts';

/**
 * Names of the files that hold weights of a model, relative to it.
 *
 * @throws {@link CraftError} `MODEL_FORMAT` if the bytes are no model, or a name leaves the model's folder:
 *   a model from a stranger must not read other files.
 */
export function externalFiles(bytes: Uint8Array): string[] {
  const names = new Set<string>();
  for (const t of decodeModel(bytes).graph?.initializer ?? []) {
    if (isExternal(t)) names.add(externalPlace(t).location);
  }
  for (const name of names) {
    const parts = name.split(/[\\/]/);
    if (name === '' || /^([\\/]|[A-Za-z]:)/.test(name) || parts.includes('..') || name.includes('\0')) {
      throw new CraftError(
        'MODEL_FORMAT',
        `model: expected external data in files below the model's folder; got ${JSON.stringify(name)}`,
      );
    }
  }
  return [...names];
}
