// Options about maps, of every command that makes or tests them.

import { MAP_METHODS, type MapMethod } from '../craft/attribution/map-options.ts';
import { CraftError } from '../errors.ts';
import { type Arguments, type Option, text } from './command.ts';

/** Of explain. */
export const mapOptions: Readonly<Record<string, Option>> = {
  maps: {
    type: 'string',
    value: 'METHOD,…',
    help: `maps of the examples beside the latent's own: ${MAP_METHODS.slice(1).join(', ')}`,
  },
  evaluate: {
    type: 'boolean',
    help: 'test the maps of --maps, or of all methods, and the order of the concepts, as evaluate does; fit again with other seeds and numbers of concepts',
  },
};

/** Methods of a list with commas. @throws {@link CraftError} `OPTION` for a name that is none. */
export function methodsOf(args: Arguments, name: string): MapMethod[] | undefined {
  const value = text(args, name);
  if (value === undefined) return undefined;
  return value.split(',').map((word) => {
    const method = MAP_METHODS.find((known) => known === word.trim());
    if (method) return method;
    throw new CraftError(
      'OPTION',
      `--${name}: expected methods of ${MAP_METHODS.join(', ')}; got ${JSON.stringify(word)}`,
    );
  });
}
