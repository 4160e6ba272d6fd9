// Maps by method in concepts.safetensors: `maps_<method>`.

import type { MethodMaps } from '../craft/attribution/example-maps.ts';
import { MAP_METHODS } from '../craft/attribution/map-options.ts';
import type { Tensor } from '../tensor/tensor.ts';

const nameOf = (method: string): string => `maps_${method}`;

/** Maps by the name of their tensor. */
export function methodMapTensors(maps: MethodMaps = {}): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(maps).map(([method, map]) => [nameOf(method), map]));
}

/** Maps of every method that the file has, checked by `take`. */
export function methodMapsOf(
  tensors: Readonly<Record<string, Tensor>>,
  take: (name: string) => Tensor,
): { mapsBy?: MethodMaps } {
  const found = MAP_METHODS.filter((method) => Object.hasOwn(tensors, nameOf(method)));
  if (found.length === 0) return {};
  const maps = found.map((method) => {
    const { data, dims } = take(nameOf(method));
    return [method, { data: data instanceof Float32Array ? data : Float32Array.from(data), dims }];
  });
  return { mapsBy: Object.fromEntries(maps) };
}
