// The page's JSON without keys that repeat: a list of objects with the same keys becomes a table. Nothing else changes,
// so the numbers keep all their digits.
//
//     [{ "x": 1, "y": 2 }, { "x": 3, "y": 4 }]  ↔  ["$table", ["x", "y"], [1, 3], [2, 4]]
//
// A list that itself begins with one of the marks is kept apart by a mark before it.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const TABLE = '$table';
const LIST = '$list';

/** Lists of like objects as columns, at every depth. Takes what JSON.stringify takes; `undefined` is left out. */
export function packTables(value: unknown): unknown {
  if (Array.isArray(value)) {
    const keys = sharedKeys(value);
    if (keys) return [TABLE, keys, ...keys.map((key) => packTables(value.map((row) => row[key])))];
    const items = value.map(packTables);
    return items[0] === TABLE || items[0] === LIST ? [LIST, ...items] : items;
  }
  return isObject(value) ? mapValues(value, packTables) : value;
}

/** What {@link packTables} was given. */
export function unpackTables(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value[0] === LIST) return value.slice(1).map(unpackTables);
    if (value[0] !== TABLE) return value.map(unpackTables);
    const keys = value[1] as string[];
    const columns = value.slice(2).map(unpackTables) as unknown[][];
    return columns[0].map((_, row) => Object.fromEntries(keys.map((key, k) => [key, columns[k][row]])));
  }
  return isObject(value) ? mapValues(value, unpackTables) : value;
}

/** Keys of all objects of a list, if they have the same ones in the same order; null where a table would not be shorter. */
function sharedKeys(list: readonly unknown[]): string[] | null {
  if (list.length < 2 || !list.every(isObject)) return null;
  const keys = Object.keys(list[0] as object);
  const all = JSON.stringify(keys);
  const isLike = keys.length > 0 && list.every((row) => JSON.stringify(definedKeys(row as object)) === all);
  return isLike ? keys : null;
}

const definedKeys = (row: object): string[] =>
  Object.entries(row).flatMap(([key, value]) => (value === undefined ? [] : [key]));

const isObject = (value: unknown): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As fromEntries, not by assignment: a key may be __proto__. */
const mapValues = (value: object, change: (value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
