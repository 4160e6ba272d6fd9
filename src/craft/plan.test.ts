import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Toy, writeToy } from '../../test/cli/toy.ts';
import { openImageFolder } from '../inputs/image-folder-fs.ts';
import { loadClassifier } from '../runtimes/load-classifier-fs.ts';
import { evaluate } from './attribution/evaluate.ts';
import type { Runs } from './attribution/map-plan.ts';
import type { Classifier, ImageSource } from './classifier.ts';
import { explain } from './explain.ts';
import { planOf } from './plan.ts';
import { type ExplainRequest, parseRequest } from './request.ts';

const IMAGES = 8;
let toy: Toy;
let classifier: Classifier;
/** What ran, of the layer itself and of those before it. */
const counted = { head: 0, earlierHead: 0 };
const earlier: Classifier[] = [];
let source: ImageSource;
beforeAll(async () => {
  toy = await writeToy(IMAGES);
  const loaded = await loadClassifier(toy.model, { layer: 'features' });
  const counting = (cut: Classifier, key: keyof typeof counted): Classifier => ({
    ...cut,
    async latentToLogit(latent) {
      counted[key] += latent.dims[0];
      return cut.latentToLogit(latent);
    },
  });
  classifier = {
    ...counting(loaded, 'head'),
    async at(layer) {
      const cut = await loaded.at(layer);
      if (!earlier.includes(cut)) earlier.push(cut);
      return counting(cut, 'earlierHead');
    },
  };
  const images = await openImageFolder(toy.images, { preprocess: loaded.preprocess, batchSize: 8 });
  source = Object.assign(images, { source: 'images' });
}, 60_000); // a model is opened
afterAll(async () => {
  await classifier.release();
  rmSync(toy.folder, { recursive: true });
});

/** Runs that `work` made. */
async function runsOf<T>(work: () => Promise<T>): Promise<{ runs: Runs; result: T }> {
  const now = (): Runs => ({
    encoder: classifier.encoderRuns(),
    head: counted.head,
    gradients: classifier.gradientRuns(),
  });
  const before = now();
  const result = await work();
  const after = now();
  const runs = {
    encoder: after.encoder - before.encoder,
    head: after.head - before.head,
    gradients: after.gradients - before.gradients,
  };
  return { runs, result };
}

const requestOf = (more: Partial<ExplainRequest>): ExplainRequest =>
  parseRequest({ class: 2, concepts: 3, patchSize: 32, examples: 2, nbDesign: 4, ...more });
const explained = (request: ExplainRequest) =>
  runsOf(() => explain(request, { classifier, source, limit: null }));
const stageOf = (request: ExplainRequest, name: string): Runs =>
  planOf(request, classifier, IMAGES).stages.find(({ stage }) => stage === name)!;

describe('the plan against the runs that are made', () => {
  let plain: Runs;
  beforeAll(async () => {
    ({ runs: plain } = await explained(requestOf({})));
  }, 60_000); // an explanation

  it('has no further stages unless they are asked for', () => {
    const plan = planOf(requestOf({}), classifier, IMAGES);
    expect([plan.stages, plan.recursion]).toEqual([[], null]);
    // f is compared with h∘g on the first four images
    expect(plain.encoder).toBe(plan.encoderRuns + 4);
  });

  it.each([
    [['occlusion'], true],
    [['rise'], true],
    [['grad-cam', 'saliency', 'gradient-input'], false],
    [['smooth-grad'], false],
    [['integrated-gradients'], false],
  ] as const)('of maps by %s', async (maps, isExact) => {
    const request = requestOf({ maps: [...maps] });
    const { runs } = await explained(request);
    const planned = stageOf(request, 'maps');
    const real = runs.encoder - plain.encoder;
    if (isExact) expect(real).toBe(planned.encoder);
    expect(real).toBeLessThanOrEqual(planned.encoder);
    expect(real).toBeGreaterThan(planned.encoder / 8); // integrated gradients begin with an eighth of their most points
    expect(runs.gradients).toBeLessThanOrEqual(planned.gradients);
    expect(runs.gradients > 0).toBe(planned.gradients > 0);
  });

  it('of fits with other choices, and of the evaluation', async () => {
    const request = requestOf({ evaluate: true, maps: ['grad-cam', 'occlusion'] });
    const { runs, result } = await explained(request);
    const [maps, robustness] = [stageOf(request, 'maps'), stageOf(request, 'robustness')];
    expect(runs.encoder - plain.encoder).toBe(maps.encoder + robustness.encoder);
    const head = runs.head - plain.head;
    expect(head).toBeGreaterThan(0);
    expect(head).toBeLessThanOrEqual(robustness.head);

    const methods = ['latent', 'grad-cam', 'occlusion'] as const;
    const tested = await runsOf(() => evaluate(result, { classifier, source }, { methods }));
    const planned = stageOf(request, 'evaluation');
    // fewer where a concept is not in an image
    expect(tested.runs.encoder).toBeLessThanOrEqual(planned.encoder);
    expect(tested.runs.encoder).toBeGreaterThan(planned.encoder / 2);
    expect(tested.runs.head).toBeLessThanOrEqual(planned.head);
    expect(tested.runs.gradients).toBeLessThanOrEqual(planned.gradients);
  });

  it('of the recursion', async () => {
    const request = requestOf({ recursive: true, percentile: 50, depth: 2 });
    const before = earlier.reduce((sum, cut) => sum + cut.encoderRuns(), 0);
    counted.earlierHead = 0;
    await explained(request);
    const { recursion } = planOf(request, classifier, IMAGES);
    const checks = earlier.length * IMAGES; // each layer is checked when it is opened
    const real = earlier.reduce((sum, cut) => sum + cut.encoderRuns(), 0) - before;
    expect(real).toBeGreaterThan(0);
    expect(real).toBeLessThanOrEqual(recursion!.encoderRuns + checks);
    expect(counted.earlierHead).toBeLessThanOrEqual(recursion!.headRuns + checks);
  });
});
