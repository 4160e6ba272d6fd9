// Folded heads in ONNX Runtime against the same heads run whole: the scores of every mask, and what ran for them.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Head } from '../../../src/craft/head.ts';
import { type LatentLayout, latentShape } from '../../../src/craft/layout.ts';
import { inputsOf, openScorer, type Scorer } from '../../../src/craft/masked-scores.ts';
import { allScores } from '../../../src/craft/score-rows.ts';
import { Craft, parseRequest, planOf, type Tensor } from '../../../src/index.ts';
import { loadClassifier, nodeRuntime } from '../../../src/node.ts';
import { foldHead } from '../../../src/onnx/fold.ts';
import { cutModel, inspectModel } from '../../../src/onnx.ts';
import { inParts } from '../../../src/runtimes/fixed-batch.ts';
import { headFolder } from '../../../src/runtimes/fold-head.ts';
import type { Runtime } from '../../../src/runtimes/runtime.ts';
import { random } from '../../../src/tensor/random.ts';
import { recordDeviation } from '../../golden/deviations.ts';
import { goldenPath } from '../../golden/npy.ts';
import type { GraphBuilder } from '../../models/builder.ts';
import * as heads from '../../models/heads.ts';
import * as networks from '../../models/networks.ts';

const plain = await nodeRuntime({ threads: 1 });

/** The runtime, with the rows that each session ran on counted by what its model computes. */
function counting(): { runtime: Runtime; rows: { tail: number; prefix: number } } {
  const rows = { tail: 0, prefix: 0 };
  const runtime: Runtime = {
    ...plain,
    async open(model, files) {
      const session = await plain.open(model, files);
      const run: typeof session.run = (feeds) => {
        const first = feeds['fold/coefficients'] ?? Object.values(feeds)[0];
        rows['fold/coefficients' in feeds ? 'tail' : 'prefix'] += first.dims[0];
        return session.run(feeds);
      };
      return { ...session, run, release: () => session.release() };
    },
  };
  return { runtime, rows };
}

interface Subject {
  readonly head: Uint8Array;
  /** Of one latent, without the batch. */
  readonly dims: readonly number[];
  readonly layout?: LatentLayout;
  readonly prefixTokens?: number;
  readonly classId?: number;
}

const INPUTS = 3;
const RANK = 5;

/** Scores of random masks on random inputs, through the fold and through the whole head. */
async function compare({ head, dims, layout, prefixTokens = 0, classId = 2 }: Subject) {
  const { runtime, rows } = counting();
  const whole = await plain.open(head);
  const analysed = inspectModel(head);
  const batch = analysed.inputs[0].dims[0];
  const h = async (latents: Tensor): Promise<Tensor> => {
    const run = async (part: Tensor) =>
      (await whole.run({ [whole.inputNames[0]]: part }))[whole.outputNames[0]];
    const { data, dims: out } = await inParts(latents, typeof batch === 'number' ? batch : null, run);
    return { data, dims: [out[0], data.length / out[0]] };
  };
  const shape = latentShape([1, ...dims], { layout: layout ?? 'auto', prefixTokens });
  const rng = random(4);
  const numbers = (count: number, zeros: number): Float32Array =>
    Float32Array.from({ length: count }, () => (rng.uniform() < zeros ? 0 : 3 * rng.uniform()));
  const W = { data: numbers(RANK * shape.width, 0.1), dims: [RANK, shape.width] };
  const us = Array.from({ length: INPUTS }, () => numbers(shape.locations * RANK, 0.4));
  const { inputs } = inputsOf(us.map((data) => ({ data, count: 1, rank: RANK, shape })));
  const masks = Float64Array.from({ length: 40 * RANK }, () => rng.uniform());
  const shared = { count: 40, of: () => masks };
  const context = { head: new Head(h), classId, batchSize: 16 };
  const masked = { W, shape, inputs };
  const folder = headFolder(runtime, { head, files: new Map() });
  const folded = await openScorer({ ...context, foldHead: folder.fold }, masked);
  const toOpen = { ...rows };
  const unfolded = await openScorer({ ...context, foldHead: null }, masked);
  const ask = (scorer: Scorer) =>
    allScores(INPUTS, shared.count, (take) => scorer.scores({ masks: shared, take }));
  const [a, b] = [await ask(folded), await ask(unfolded)];
  await folded.release();
  await folder.release();
  await whole.release();
  const largest = b.y.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const deviation = b.y.reduce((most, v, k) => Math.max(most, Math.abs(v - a.y[k])), 0) / largest;
  return { path: folded.path, isAffine: folded.isAffine, toOpen, rows, deviation, counted: a };
}

/** Float32 sums in another order. Largest met: 9e-7. */
const EXACT = 1e-5;

const once = RANK + 1;
const masked = INPUTS * 40;

const cases: [
  name: string,
  model: GraphBuilder,
  dims: number[],
  path: string,
  prefix: number,
  tail: number,
][] = [
  ['pool → linear', heads.resnetHead(), [16, 5, 7], 'folded-pool', once, 0],
  ['pool → 1×1 convolution', heads.mobilenetHead(), [16, 4, 4], 'folded-pool', once, 0],
  ['pool → linear → HardSwish → linear', heads.mobilenetV3Head(), [16, 4, 4], 'folded-pool', once, masked],
  ['window over the map → MLP', heads.windowHead(), [8, 4, 4], 'folded-pool', once, masked],
  ['first token → MLP', heads.tokenHead('first'), [10, 12], 'folded-pool', once, masked],
  ['last token → MLP', heads.tokenHead('last'), [10, 12], 'folded-pool', once, masked],
  ['mean of tokens → MLP', heads.tokenHead('mean'), [10, 12], 'folded-pool', once, masked],
  ['vector → MLP', heads.vectorHead(), [12], 'folded-linear', once, masked],
  ['flatten → linear', heads.flatHead(), [6, 3, 3], 'folded-prefix', INPUTS * once, 0],
  ['flatten → MLP', heads.vggHead(), [6, 3, 3], 'folded-prefix', INPUTS * once, masked],
  ['convolution → ReLU', heads.convHead(), [6, 5, 5], 'folded-prefix', INPUTS * once, masked],
  ['linear on tokens → erf', heads.tokenwiseHead(), [10, 12], 'folded-prefix', INPUTS * once, masked],
  ['ReLU → pool', heads.reluHead(), [6, 4, 4], 'batched', 0, masked],
  ['vector → MLP, one row a run', heads.vectorHead(1), [12], 'folded-linear', once, masked],
  ['pool → MLP, one row a run', heads.mobilenetV3Head(1), [16, 4, 4], 'folded-pool', once, masked],
];

describe('a folded head', () => {
  it.each(cases)('is the whole head: %s', async (_, model, dims, path, prefix, tail) => {
    const result = await compare({ head: model.bytes(), dims });
    expect(result.path).toBe(path);
    recordDeviation(`scores through ${result.path}, of max`, result.deviation, EXACT);
    expect(result.isAffine).toBe(tail === 0);
    expect(result.counted).toMatchObject({ prefixEvaluations: prefix, headEvaluations: tail });
    // what was counted is what ran, but for the six rows and the comparison that a fold is found out about on
    const { toOpen, rows } = result;
    expect(toOpen.prefix).toBeLessThanOrEqual(prefix === 0 ? 0 : once + 6);
    expect(toOpen.tail).toBe(tail === 0 ? 0 : 2);
    expect(rows.tail - toOpen.tail).toBe(tail);
    expect(rows.prefix - toOpen.prefix).toBe(path === 'folded-prefix' ? prefix : 0);
  });

  it('leaves the prefix tokens out where the head does', async () => {
    const head = heads.tokenHead('mean-of-grid').bytes();
    const result = await compare({ head, dims: [10, 12], prefixTokens: 1 });
    expect(result.path).toBe('folded-pool');
    recordDeviation(`scores through ${result.path}, of max`, result.deviation, EXACT);
  });

  it.each(['cnn.h', 'cnn.h2', 'tv.h', 'text.h'])('is the whole head: golden %s', async (name) => {
    const head = new Uint8Array(readFileSync(goldenPath(`models/${name}.onnx`)));
    const [{ dims }] = inspectModel(head).inputs;
    const result = await compare({ head, dims: dims.slice(1) as number[] });
    expect(result.path).toBe(dims.length === 4 ? 'folded-pool' : 'folded-linear');
    expect(result.isAffine).toBe(name === 'tv.h');
    recordDeviation(`scores through ${result.path}, of max`, result.deviation, EXACT);
  });

  // graphs of the ONNX model zoo with constant weights: what exporters really write
  it.each([
    ['densenet121', 'folded-pool'],
    ['shufflenet', 'folded-pool'],
    ['squeezenet', 'folded-prefix'],
  ])('is the whole head of a published graph: %s', async (name, path) => {
    const bytes = new Uint8Array(readFileSync(goldenPath(`light/light_${name}.onnx`)));
    const inspection = inspectModel(bytes);
    const { head, latent } = cutModel(bytes, inspection.suggested!, { output: inspection.logits });
    const result = await compare({ head, dims: latent.shape.slice(1) as number[] });
    expect(result.path).toBe(path);
    recordDeviation(`scores through ${result.path}, of max`, result.deviation, EXACT);
  });

  const halves: [
    name: string,
    GraphBuilder,
    layer: string | null,
    dims: number[],
    layout: LatentLayout,
    path: string,
  ][] = [
    ['residual', networks.residualNetwork(), 'block', [8, 6, 6], 'NCHW', 'folded-pool'],
    ['residual, one a run', networks.residualNetwork(1), 'block', [8, 6, 6], 'NCHW', 'folded-pool'],
    ['inner layer of it', networks.residualNetwork(), 'stem', [8, 6, 6], 'NCHW', 'batched'],
    ['vision transformer (cls)', networks.visionTransformer('cls'), 'hidden', [17, 8], 'NTC', 'folded-pool'],
    [
      'vision transformer (mean)',
      networks.visionTransformer('mean'),
      'hidden',
      [17, 8],
      'NTC',
      'folded-pool',
    ],
    ['channels last', networks.channelsLastNetwork(), 'map', [10, 10, 6], 'NHWC', 'folded-pool'],
    ['any size', networks.anySizeNetwork(), 'map', [4, 5, 3], 'NCHW', 'folded-pool'],
    ['shared weights', networks.sharedWeightsNetwork(), 'middle', [32], 'NC', 'folded-linear'],
    ['half precision', networks.halfPrecisionNetwork(), null, [6, 8, 8], 'NCHW', 'batched'],
    ['quantized', networks.quantizedNetwork(), 'map', [4, 6, 6], 'NCHW', 'batched'],
  ];
  it.each(halves)('is the whole head of a network: %s', async (_, model, layer, dims, layout, path) => {
    const bytes = model.bytes();
    const inspection = inspectModel(bytes);
    const { head } = cutModel(bytes, layer ?? inspection.suggested!, { output: inspection.logits });
    const prefixTokens = layout === 'NTC' ? 1 : 0;
    const result = await compare({ head, dims, layout, prefixTokens });
    expect(result.path).toBe(path);
    recordDeviation(`scores through ${result.path}, of max`, result.deviation, EXACT);
  });
});

describe('planOf', () => {
  it.each<[string, GraphBuilder, layer: string, dims: number[]]>([
    ['residual', networks.residualNetwork(), 'block', [3, 12, 12]],
    ['inner layer of it', networks.residualNetwork(), 'stem', [3, 12, 12]],
    ['vision transformer (cls)', networks.visionTransformer('cls'), 'hidden', [3, 8, 8]],
    ['vision transformer (mean)', networks.visionTransformer('mean'), 'hidden', [3, 8, 8]],
    ['channels last', networks.channelsLastNetwork(), 'map', [10, 10, 3]],
    ['half precision', networks.halfPrecisionNetwork(), 'map', [3, 8, 8]],
  ])('counts what runs: %s', async (_, model, layer, dims) => {
    const classifier = await loadClassifier(model.bytes(), { layer });
    const request = parseRequest({ class: '1', concepts: 3, patchSize: 4, nbDesign: 4 });
    const craft = new Craft({ ...classifier, numberOfConcepts: 3, rows: 'dense' });
    const rng = random(2);
    const size = dims.reduce((a, b) => a * b, 1);
    const images = { data: Float32Array.from({ length: 5 * size }, () => rng.uniform()), dims: [5, ...dims] };
    await craft.fit(images);
    const { headEvaluations, prefixEvaluations } = await craft.estimateImportance(images, {
      classId: 1,
      nbDesign: 4,
    });
    const plan = planOf(request, classifier, 5);
    await classifier.release();
    // two more runs an image are for completeness
    expect(plan.headRuns - 2 * 5).toBe(headEvaluations + prefixEvaluations);
  });
});

describe('foldHead', () => {
  it('is null where other inputs are read', () => {
    expect(foldHead(heads.maskedMeanHead().bytes(), { classId: 0, rank: 5 })).toBeNull();
  });

  it('computes one column of the last layer', () => {
    const [gemm, matmul] = [heads.mobilenetV3Head(), heads.vectorHead()].map(
      (model) => foldHead(model.bytes(), { classId: 1, rank: 5 })!,
    );
    for (const { tail } of [gemm, matmul]) {
      const described = inspectModel(tail!.model);
      expect(described.outputs[0].dims.slice(1)).toEqual([1]);
    }
    // the hidden layer is the widest, not the scores
    expect([gemm.tail!.widest, matmul.tail!.widest]).toEqual([24, 30]);
  });

  it('names the classes that there are', () => {
    const head = heads.vectorHead().bytes();
    expect(() => foldHead(head, { classId: 3, rank: 5 })).toThrow(
      /classId: expected a class from 0 to 2; got 3/,
    );
  });
});
