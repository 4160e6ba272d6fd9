import type { Matrix } from '../details.ts';

/** The other concepts by falling cosine. */
export function nearest(cosine: Matrix, id: number): { id: number; cosine: number }[] {
  return Array.from({ length: cosine.dims[0] }, (_, other) => ({ id: other, cosine: cosine.at(id, other) }))
    .filter((other) => other.id !== id)
    .sort((a, b) => b.cosine - a.cosine || a.id - b.id);
}

/**
 * An order that puts like beside like: from the first on, always the nearest that is left. Greedy, so that two
 * concepts at its two ends may be alike too.
 */
export function chainOrder(cosine: Matrix): number[] {
  const left = new Set(Array.from({ length: cosine.dims[0] }, (_, id) => id));
  const order: number[] = [];
  for (let at: number | undefined = 0; at !== undefined && left.has(at); ) {
    order.push(at);
    left.delete(at);
    at = nearest(cosine, at).find(({ id }) => left.has(id))?.id;
  }
  return order;
}
