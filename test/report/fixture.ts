// A made-up explanation for the tests and the bench of the report: numbers of the size that real runs give, drawn from
// a seed.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Concept, Explanation } from '../../src/craft/explanation.ts';
import { type Random, random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export interface FixtureOptions {
  concepts?: number;
  inputs?: number;
  examples?: number;
  seed?: number;
}

const SIZE = 224;
const PATCH = 64;
const STRIDE = 51;
/** Crops along a side of an image. */
const SIDE = 4;
/** Best rows of a concept, and how the value falls from one to the next. */
const BEST = 10;
const FALL = 0.95;
/** Rows and columns of the maps. */
const GRID = 7;

/** An explanation of `concepts` (8) concepts on `inputs` (24) images; the images are at assets/inputs/0000.png … */
export function makeExplanation(options: FixtureOptions = {}): Explanation {
  const { concepts = 8, inputs = 24, examples = Math.min(16, inputs), seed = 0 } = options;
  const rng = random(seed);
  return {
    format: 'craft-xai/explanation',
    version: 1,
    versions: { 'craft-xai': '0.1.0', 'onnxruntime-node': '1.30.0', sharp: '0.35.5', node: 'v20.20.2' },
    model: {
      name: 'resnet18-fruit.onnx',
      format: 'onnx',
      sha256: '9f2c1f0b7a5e43d08f1b6f0a9be2d7c4135a7b6c9d8e0f1a2b3c4d5e6f708192',
      bytes: 46_812_345,
      input: { name: 'pixel_values', dims: [null, 3, SIZE, SIZE] },
      output: { name: 'logits', dims: [null, 43] },
      classes: 43,
    },
    layer: {
      tensor: '/layer4/layer4.1/relu_1/Relu_output_0',
      name: '/layer4/layer4.1/relu_1/Relu',
      op: 'Relu',
      dims: [null, 512, GRID, GRID],
      layout: 'NCHW',
      prefixTokens: 0,
      chosenBy: 'suggestion',
      nonNegative: true,
      head: 'general',
      cutCheck: { inputs: 4, maxAbsDifference: 2.4e-6, maxAbsLogit: 18.2 },
    },
    class: { id: 7, label: 'Granny Smith' },
    preprocess: {
      width: SIZE,
      height: SIZE,
      channels: 3,
      channelOrder: 'RGB',
      layout: 'NCHW',
      resizeMode: 'shortest-edge',
      shortestEdge: 256,
      interpolation: 'bilinear',
      rescale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      origin: 'file',
      notes: [],
    },
    settings: {
      numberOfConcepts: concepts,
      rows: 'crops',
      patchSize: PATCH,
      stride: STRIDE,
      batchSize: 64,
      factorizer: 'auto',
      nbDesign: 32,
      sampler: 'sobol',
      estimator: 'jansen',
      confidence: 0.95,
      seed: 0,
      limit: null,
    },
    inputs: {
      kind: 'image',
      source: 'granny-smith',
      items: Array.from({ length: inputs }, (_, i) => makeInput(i, rng)),
      skipped: [{ name: 'broken.jpg', reason: 'image: expected a JPEG; got 12 bytes of text' }],
    },
    factorization: {
      method: 'nmf',
      rows: inputs * SIDE ** 2,
      width: 512,
      iterations: 143,
      converged: true,
      loss: 1834.21,
      relativeError: 0.312,
    },
    importance: {
      method: 'sobol',
      degenerate: 1,
      sum: 1.04,
      headEvaluations: inputs * 32 * (concepts + 1),
    },
    completeness: { r2: 0.87, correlation: 0.95, bias: -0.42, top1Agreement: 0.9583, relativeError: 0.34 },
    concepts: Array.from({ length: concepts }, (_, id) => makeConcept(id, concepts, inputs, rng)),
    examples: Array.from({ length: examples }, (_, i) => i),
    warnings: [],
    timings: { load: 0.41, fit: 6.2, importance: 2.31, maps: 0.32 },
  };
}

function makeInput(i: number, rng: Random): Explanation['inputs']['items'][number] {
  const logit = 4 + 10 * rng.uniform();
  const right = i % 9 !== 4;
  return {
    name: `shelf/IMG_${2040 + i}.jpg`,
    logit,
    predicted: right
      ? { id: 7, label: 'Granny Smith', logit }
      : { id: 12, label: 'Golden Delicious', logit: logit + 1 },
    image: `assets/inputs/${String(i).padStart(4, '0')}.png`,
  };
}

function makeConcept(id: number, r: number, inputs: number, rng: Random): Concept {
  const value = (0.42 * 0.66 ** id + 0.004) * (1 + 0.1 * rng.uniform());
  const spread = value * (0.08 + 0.14 * rng.uniform());
  return {
    id,
    importance: { value, lower: value - spread, upper: value + 1.2 * spread },
    effect: (id % 3 === 1 ? -1 : 1) * 5.5 * Math.sqrt(value),
    prevalence: 0.15 + 0.6 * rng.uniform(),
    sparsity: 0.3 + 0.5 * rng.uniform(),
    aboveNext: id === r - 1 ? null : id % 4 === 2 ? 0.81 : 0.99,
    label: null,
    bestRows: Array.from({ length: Math.min(BEST, inputs) }, (_, k) => {
      const input = (id * 3 + k) % inputs;
      const [column, line] = [rng.below(SIDE), rng.below(SIDE)];
      const box = { x: STRIDE * column, y: STRIDE * line, width: PATCH, height: PATCH };
      return { row: input * SIDE ** 2 + line * SIDE + column, input, box, value: 3.4 * FALL ** k };
    }),
  };
}

/** Matrices of a run that fit the explanation: W, U with the values of the best rows, S_T of each input. */
export function makeMatrices({ concepts, factorization, inputs }: Explanation, seed = 3) {
  const rng = random(seed);
  const r = concepts.length;
  const { rows, width } = factorization;
  const fill = (n: number, of: () => number) => ({ data: Float32Array.from({ length: n * r }, of) });
  const U = { ...fill(rows, () => Math.max(0, 2 * rng.uniform() - 0.6)), dims: [rows, r] };
  for (const { id, bestRows } of concepts) {
    for (const { row, value } of bestRows) U.data[row * r + id] = value;
  }
  const N = inputs.items.length;
  return {
    W: { ...fill(width, () => rng.uniform() ** 4), dims: [r, width] },
    U,
    importance_per_input: { ...fill(N, () => rng.uniform() ** 3), dims: [N, r] },
  };
}

/** Maps [E, 7, 7, r]: a blob for each concept on about two images of three. */
export function makeMaps(explanation: Explanation, seed = 1): Tensor<Float32Array> {
  const rng = random(seed);
  const E = explanation.examples.length;
  const r = explanation.concepts.length;
  const data = new Float32Array(E * GRID * GRID * r);
  for (let e = 0; e < E; e++) {
    for (let k = 0; k < r; k++) {
      if (rng.below(3) === 0) continue;
      const height = 0.5 + 2 * rng.uniform();
      const x = rng.uniform() * GRID;
      const y = rng.uniform() * GRID;
      for (let cell = 0; cell < GRID * GRID; cell++) {
        const d2 = (Math.floor(cell / GRID) + 0.5 - y) ** 2 + ((cell % GRID) + 0.5 - x) ** 2;
        data[(e * GRID * GRID + cell) * r + k] = Math.max(0, height * Math.exp(-d2 / 3) - 0.1);
      }
    }
  }
  return { data, dims: [E, GRID, GRID, r] };
}

/** Writes an image below `folder` for each input whose path is in assets/inputs: coloured shapes on a plain ground. */
export async function writeImages(explanation: Explanation, folder: string): Promise<void> {
  await mkdir(join(folder, 'assets/inputs'), { recursive: true });
  const rng = random(2);
  for (const image of new Set(explanation.inputs.items.map((item) => item.image))) {
    if (!image?.startsWith('assets/inputs/')) continue;
    const shapes = Array.from({ length: 5 }, () => {
      const colour = `hsl(${rng.below(360)} ${40 + rng.below(50)}% ${30 + rng.below(40)}%)`;
      return `<circle cx="${rng.below(SIZE)}" cy="${rng.below(SIZE)}" r="${15 + rng.below(45)}" fill="${colour}"/>`;
    });
    const ground = `<rect width="100%" height="100%" fill="hsl(${rng.below(360)} 20% 85%)"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}">${ground}${shapes.join('')}</svg>`;
    await writeFile(join(folder, image), await sharp(Buffer.from(svg)).png().toBuffer());
  }
}
