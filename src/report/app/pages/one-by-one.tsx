import { type ComponentChildren, toChildArray } from 'preact';
import { useGrowing } from '../growing.ts';

/** Its children: the first at once, then one a frame. */
export function OneByOne({ children }: { children: ComponentChildren }) {
  const all = toChildArray(children);
  return <>{all.slice(0, useGrowing(all.length, 1, 1))}</>;
}
