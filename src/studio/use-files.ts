// What was dropped or chosen so far, and what went wrong with it.

import { useCallback, useRef, useState } from 'preact/hooks';
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
  // files may be dropped while those before are still read: each lot is added to what the one before has left
  const latest = useRef<Promise<Given>>(Promise.resolve(NOTHING_GIVEN));
  const add = useCallback(async (files: Promise<readonly NamedBlob[]>) => {
    const before = latest.current;
    const after = Promise.all([files, before]).then((both) => sortFiles(...both));
    latest.current = after.catch(() => before);
    try {
      setGiven(await after);
      setFault(null);
    } catch (error) {
      setFault(faultOf(error));
    }
  }, []);
  return { given, fault, add };
}
