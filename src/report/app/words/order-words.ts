// What the curves of concept removal say.

import type { Evaluation } from '../../../craft/attribution/evaluation.ts';
import { inWords, percent } from './numbers.ts';

type Orders = NonNullable<Evaluation['conceptOrders']>;
export type Order = Orders[number];

/** Share of the score that is called most of it. */
const MOST = 0.8;
/** Curves that differ by less cannot be told apart on the page. */
const SAME = 0.005;

/** How soon the score goes when the most important concepts are removed, against chance; empty without the two. */
export function orderSentence(orders: Orders): string {
  const of = (name: Order['order']) => orders.find(({ order }) => order === name)?.deletion.values;
  const [byImportance, byChance] = [of('importance'), of('random')];
  if (!byImportance || !byChance) return '';
  const k = byImportance.findIndex((left) => left <= 1 - MOST);
  if (k < 1 || k >= byChance.length - 1) return '';
  const [gone, chance] = [byImportance, byChance].map((values) => percent(Math.min(1, 1 - values[k])));
  const who =
    k === 1 ? 'the most important concept takes' : `the ${inWords(k)} most important concepts takes`;
  return `Removing ${who} ${gone} of what the concepts add to the mean score; ${inWords(k)} at random ${chance}.`;
}

/** Orders whose curves are the same, together: the first of each group stands for all. */
export function alikeOrders(orders: Orders): Order[][] {
  const groups: Order[][] = [];
  for (const order of orders) {
    const group = groups.find(([first]) => areAlike(first, order));
    if (group) group.push(order);
    else groups.push([order]);
  }
  return groups;
}

const areAlike = (a: Order, b: Order): boolean =>
  (['deletion', 'insertion'] as const).every((kind) =>
    a[kind].values.every((value, k) => Math.abs(value - b[kind].values[k]) < SAME),
  );
