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

/**
 * Groups of two and more whose members are joined by cosines of `least` and above, largest first: what is joined to
 * one of a group is in it.
 */
export function clusters(cosine: Matrix, least: number): number[][] {
  const r = cosine.dims[0];
  const left = new Set(Array.from({ length: r }, (_, id) => id));
  const groups: number[][] = [];
  for (const first of left) {
    const group = [first];
    left.delete(first);
    for (const member of group) {
      for (const other of left) {
        if (cosine.at(member, other) < least) continue;
        group.push(other);
        left.delete(other);
      }
    }
    if (group.length > 1) groups.push(group);
  }
  return groups.sort((a, b) => b.length - a.length || a[0] - b[0]);
}
