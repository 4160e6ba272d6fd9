// What was dropped or chosen so far, and what went wrong with it.

import { useCallback, useState } from 'preact/hooks';
import type { NamedBlob } from '../inputs/image-files-web.ts';
import { type Fault, faultOf } from './failure.tsx';
import { type Given, NOTHING_GIVEN } from './given.ts';
import { sortFiles } from './sort-files.ts';

export interface Files {
  readonly given: Given;
  readonly fault: Fault | null;
  /** Takes files in, once they are there. */
  add(files: Promise<readonly NamedBlob[]>): Promise<void>;
}

export function useFiles(): Files {
  const [given, setGiven] = useState(NOTHING_GIVEN);
  const [fault, setFault] = useState<Fault | null>(null);
  const add = useCallback(
    async (files: Promise<readonly NamedBlob[]>) => {
      try {
        setGiven(await sortFiles(await files, given));
        setFault(null);
      } catch (error) {
        setFault(faultOf(error));
      }
    },
    [given],
  );
  return { given, fault, add };
}
