import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Toy, writeToy } from '../../../test/cli/toy.ts';
import { type ImageFolder, openImageFolder } from '../../inputs/image-folder-fs.ts';
import { renderReport } from '../../report/render.ts';
import { loadClassifier } from '../../runtimes/load-classifier-fs.ts';
import { evaluationFromJson, evaluationToJson } from '../../store/evaluation.ts';
import {
  explanationFromJson,
  explanationToJson,
  matricesFromBytes,
  matricesToBytes,
} from '../../store/explanation.ts';
import type { Classifier, ImageSource } from '../classifier.ts';
import { type ExplainResult, explain } from '../explain.ts';
import type { Progress } from '../options.ts';
import { parseRequest } from '../request.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import type { MapScore } from './map-faithfulness.ts';
import { summaries } from './map-tests.ts';

let toy: Toy;
let classifier: Classifier;
let source: ImageSource & ImageFolder;
let result: ExplainResult;
let evaluation: Evaluation;
const methods = ['grad-cam', 'saliency', 'occlusion'] as const;
beforeAll(async () => {
  toy = await writeToy(12);
  classifier = await loadClassifier(toy.model, { layer: 'features' });
  const images = await openImageFolder(toy.images, { preprocess: classifier.preprocess, batchSize: 8 });
  source = Object.assign(images, { source: 'images' });
  const request = {
    class: 2,
    concepts: 4,
    patchSize: 32,
    maps: ['grad-cam', 'rise'] as ('grad-cam' | 'rise')[],
  };
  result = await explain(parseRequest({ ...request, examples: 2 }), { classifier, source, limit: null });
  evaluation = await evaluate(
    result,
    { classifier, source },
    { methods, images: 3, concepts: 2, subsets: 24 },
  );
}, 60_000); // an explanation and its evaluation
afterAll(async () => {
  await classifier?.release();
  rmSync(toy.folder, { recursive: true });
});

describe('evaluate', () => {
  it('finds that maps beat chance where the object is all there is', () => {
    expect(evaluation.images).toHaveLength(3);
    expect(evaluation.skipped).toEqual([]);
    const scoreOf = (method: string, of: string) =>
      evaluation.maps.find((row) => row.method === method && row.of === of)!;
    for (const of of ['concept', 'class']) {
      const chance = scoreOf('random', of);
      for (const method of ['grad-cam', 'occlusion']) {
        const own = scoreOf(method, of);
        const gain = (row: typeof own): number => row.insertion!.mean - row.deletion!.mean;
        expect(gain(own), `${method} of the ${of}`).toBeGreaterThan(gain(chance));
        expect(own.seconds).toBeGreaterThan(0);
        expect(own.insertion!.count).toBeLessThanOrEqual(3);
      }
    }
  });

  it('says how far integrated gradients are from complete, and of no other method', async () => {
    const test = { methods: ['integrated-gradients', 'occlusion'], images: 1, concepts: 1 } as const;
    const { maps } = await evaluate(result, { classifier, source }, test);
    const [first, ...rest] = maps.filter(({ method }) => method === 'integrated-gradients');
    for (const { gap } of [first, ...rest]) {
      expect(gap).toBeGreaterThanOrEqual(0);
      expect(gap).toBeLessThan(0.1); // parts that miss more than 0.02 of the range are cut
    }
    expect(maps.some((row) => row.method === 'occlusion' && 'gap' in row)).toBe(false);
  });

  it('orders concepts at least as well by importance as by chance', () => {
    const orders = Object.fromEntries(evaluation.conceptOrders!.map((o) => [o.order, o]));
    expect(Object.keys(orders).sort()).toEqual(['gradient-activation', 'importance', 'random', 'tcav']);
    const { importance, random } = orders;
    expect(importance.deletion.values[0]).toBe(1);
    expect(importance.deletion.values[4]).toBeCloseTo(0, 6); // nothing kept, by float32 scores
    expect(importance.deletion.values).toHaveLength(5);
    expect(importance.insertion.auc).toBeGreaterThan(random.insertion.auc);
  });

  it('finds the same concepts with other seeds, and fewer of them on half of the images', () => {
    const { seeds, halves } = evaluation.stability!;
    expect([seeds.fits, halves.fits]).toEqual([3, 2]);
    expect(seeds.mean).toBeGreaterThan(0.9);
    expect(halves.mean).toBeGreaterThan(0.5);
    expect(halves.least).toBeLessThanOrEqual(halves.mean);
    expect(evaluation.sparsity.l0).toBeLessThanOrEqual(4);
  });

  it('lists methods in one order, also where the first image has no concept', () => {
    const score = (method: MapScore['method'], of: MapScore['of']): MapScore => ({
      method,
      of,
      deletion: 1,
      insertion: 1,
      muFidelity: 0,
      seconds: 0,
      gap: null,
    });
    const first = [score('rise', 'class'), score('random', 'class')];
    const images = [first, [score('latent', 0), score('rise', 0), ...first]];
    expect(summaries(images, 0).map(({ method, of }) => `${method} ${of}`)).toEqual([
      'latent concept',
      'rise concept',
      'rise class',
      'random class',
    ]);
  });

  it('gives the same numbers again, but for the time', async () => {
    const again = await evaluate(
      result,
      { classifier, source },
      { methods, images: 3, concepts: 2, subsets: 24 },
    );
    const timeless = ({ timings: _, maps, ...rest }: Evaluation) => ({
      ...rest,
      maps: maps.map((row) => ({ ...row, seconds: 0 })),
    });
    expect(timeless(again)).toEqual(timeless(evaluation));
  });

  it('tells how far it is, method by method, and stops on a signal', async () => {
    const told: string[] = [];
    const onProgress = ({ stage, done, total }: Progress): void =>
      void told.push(`${stage} ${done} of ${total}`);
    const few = { methods: ['latent', 'saliency'] as const, images: 2, concepts: 1, steps: 3, subsets: 4 };
    await evaluate(result, { classifier, source }, { ...few, onProgress });
    // two methods and chance on two images
    expect(told).toEqual(Array.from({ length: 6 }, (_, k) => `evaluate ${k + 1} of 6`));
    const controller = new AbortController();
    const stopped = evaluate(
      result,
      { classifier, source },
      { ...few, signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('names a method that the cut does not allow, and tests the others', async () => {
    const pooled = await loadClassifier(toy.model, { layer: 'pooled' });
    const at = await explain(parseRequest({ class: 2, concepts: 3, patchSize: 32 }), {
      classifier: pooled,
      source,
      limit: null,
    });
    const found = await evaluate(
      at,
      { classifier: pooled, source },
      { methods: ['latent', 'grad-cam'], images: 1, concepts: 1, steps: 4, subsets: 8 },
    );
    await pooled.release();
    expect(found.skipped).toEqual([{ method: 'latent', reason: expect.stringMatching(/grid/) }]);
    expect(new Set(found.maps.map(({ method }) => method))).toEqual(new Set(['grad-cam', 'random']));
  });

  it('refuses another model, other images and numbers that make no sense', async () => {
    for (const wrong of [{ images: 0 }, { concepts: 0 }, { steps: 1.5 }, { subsets: -1 }]) {
      await expect(evaluate(result, { classifier, source }, wrong)).rejects.toMatchObject({ code: 'OPTION' });
    }
    const other = { ...classifier, model: { ...classifier.model, sha256: 'f'.repeat(64) } };
    await expect(evaluate(result, { classifier: other, source })).rejects.toMatchObject({
      code: 'INPUT',
      message: expect.stringMatching(/the model that was explained/),
    });
    const few = await openImageFolder(toy.images, {
      preprocess: classifier.preprocess,
      batchSize: 8,
      limit: 5,
    });
    const fewer = Object.assign(few, { source: 'images' });
    await expect(evaluate(result, { classifier, source: fewer })).rejects.toMatchObject({
      code: 'INPUT',
      message: expect.stringMatching(/the 12 images that were explained; got 5/),
    });
  });
});

describe('maps by method and evaluations as files', () => {
  it('come back as they were', () => {
    const { mapsBy } = result.matrices;
    expect(Object.keys(mapsBy!).sort()).toEqual(['grad-cam', 'rise']);
    expect(mapsBy!['grad-cam']!.dims).toEqual([2, 32, 32, 4]);
    const explanation = explanationFromJson(explanationToJson(result.explanation));
    expect(matricesFromBytes(matricesToBytes(result.matrices), explanation)).toEqual(result.matrices);
    expect(evaluationFromJson(evaluationToJson(evaluation), explanation)).toEqual(evaluation);
    const page = renderReport({ explanation, maps: result.matrices.maps, mapsBy, evaluation });
    expect(page.length).toBeGreaterThan(renderReport({ explanation }).length);
  });

  it('are refused when they are damaged or of another explanation', () => {
    const { explanation } = result;
    const broken = (change: object): string => JSON.stringify({ ...evaluation, ...change });
    const refused = (text: string, words: RegExp): void =>
      expect(() => evaluationFromJson(text, explanation)).toThrow(words);
    refused('{', /expected JSON/);
    refused('null', /craft-xai\/evaluation/);
    refused(broken({ version: 2 }), /version 1; got .*2/);
    refused(broken({ maps: [{ method: 'magic' }] }), /maps\.0/);
    refused(broken({ model: 'another' }), /of another one/);
    refused(broken({ images: [12] }), /of another one/);
    refused(broken({ settings: { ...evaluation.settings, concepts: [4] } }), /of another one/);
    const short = evaluation.conceptOrders!.map((o) => ({ ...o, deletion: { values: [1, 0], auc: 0.5 } }));
    refused(broken({ conceptOrders: short }), /of another one/);
  });
});
