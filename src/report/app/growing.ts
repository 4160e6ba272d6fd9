// Parts of the page that are made one after the other, so that its top is seen and answers before all of it is there.

import { useEffect, useState } from 'preact/hooks';
import { namesSection } from './address.ts';

/**
 * How many of `total` parts to make: `first` at once, `step` more after each frame. All at once if the address names
 * a place of the report, as the browser can only go to what is there.
 */
export function useGrowing(total: number, first: number, step: number): number {
  const [count, setCount] = useState(() => (namesSection(location.hash) ? total : first));
  useEffect(() => {
    if (count >= total) return;
    return afterFrame(() => setCount(count + step));
  }, [count, total, step]);
  return Math.min(count, total);
}

/** Calls back when the next frame has been drawn; returns what takes it back. */
function afterFrame(then: () => void): () => void {
  let timer = 0;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(then) as unknown as number;
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
