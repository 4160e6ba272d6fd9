// Which page the address names: the report, one concept or one input. Numbers count from 1, as on the page.

import { useEffect, useState } from 'preact/hooks';
import { placeOf } from './address.ts';

export type Route =
  | { page: 'report' }
  /** `id` of the concept. */
  | { page: 'concept'; id: number }
  /** Index of the input. */
  | { page: 'input'; input: number };

export const conceptLink = (id: number): string => `#concept-${id + 1}`;
export const inputLink = (input: number): string => `#input-${input + 1}`;

/** Page of a place in the address; the report itself where there is no such concept or input. */
export function routeOf(place: string, concepts: number, inputs: number): Route {
  const [, page, number] = /^(concept|input)-([1-9]\d{0,8})$/.exec(place) ?? [];
  const at = Number(number) - 1;
  if (page === 'concept' && at < concepts) return { page, id: at };
  if (page === 'input' && at < inputs) return { page, input: at };
  return { page: 'report' };
}

/** The page of the address, and again when it changes. */
export function useRoute(concepts: number, inputs: number): Route {
  const [place, setPlace] = useState(placeOf(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return routeOf(place, concepts, inputs);
}
