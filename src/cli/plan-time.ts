// The time of a plan on this machine.

import { NO_RUNS, type Runs } from '../craft/attribution/map-plan.ts';
import type { Classifier } from '../craft/classifier.ts';
import type { Plan } from '../craft/plan.ts';
import type { RecursionPlan } from '../craft/recursion/plan.ts';
import { CraftError } from '../errors.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';

/** A plan with seconds in the model; factorisation and maps themselves come on top. */
export interface TimedPlan extends Plan {
  /** Of the explanation itself. */
  readonly seconds: number;
  /** Of every stage that is asked for beside it, at most. */
  readonly stageSeconds: Readonly<Record<string, number>>;
  /** Of sub-concepts, as they are to be expected and at most; null if they are not asked for. */
  readonly recursionSeconds: { readonly about: number; readonly most: number } | null;
}

const PROBE_IMAGES = 4;

/** Runs g and h, at earlier layers too, and backward where a stage needs it, on a few images of noise. */
export async function timedPlan(classifier: Classifier, plan: Plan): Promise<TimedPlan> {
  const { stages } = plan;
  const needs = (kind: keyof Runs): boolean => stages.some((stage) => stage[kind] > 0);
  const encodes = plan.encoderRuns > 0 || needs('encoder');
  const each = await secondsEach(classifier, { encodes, differentiates: needs('gradients') });
  const secondsOf = ({ encoder, head, gradients }: Runs): number =>
    encoder * each.encoder + head * each.head + gradients * each.gradients;
  const own = { ...NO_RUNS, encoder: plan.encoderRuns, head: plan.headRuns };
  const stageSeconds = Object.fromEntries(stages.map((stage) => [stage.stage, secondsOf(stage)]));
  const recursionSeconds = plan.recursion && (await secondsOfRecursion(classifier, plan.recursion));
  return { ...plan, seconds: secondsOf(own), stageSeconds, recursionSeconds };
}

/** All layers are encoded alike; h may run from the slowest of them, and from any is as likely. */
async function secondsOfRecursion(
  classifier: Classifier,
  { layers, expected, ...most }: RecursionPlan,
): Promise<{ about: number; most: number }> {
  if (layers.length === 0) return { about: 0, most: 0 };
  const each: Runs[] = [];
  for (const layer of layers) {
    each.push(await secondsEach(await classifier.at(layer), { encodes: true, differentiates: false }));
  }
  const mean = (kind: keyof Runs): number => each.reduce((sum, of) => sum + of[kind], 0) / each.length;
  const slowest = Math.max(...each.map(({ head }) => head));
  return {
    about: expected.encoderRuns * mean('encoder') + expected.headRuns * mean('head'),
    most: most.encoderRuns * mean('encoder') + most.headRuns * slowest,
  };
}

async function secondsEach(
  classifier: Classifier,
  { encodes, differentiates }: { encodes: boolean; differentiates: boolean },
): Promise<Runs> {
  const { channels, height, width, layout } = classifier.preprocess;
  const dims = layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  const batch = constant([PROBE_IMAGES, ...dims]);
  const latent = constant([PROBE_IMAGES, ...classifier.layer.dims.slice(1).map((d) => d ?? 1)]);
  const each = async (work: () => Promise<unknown>): Promise<number> =>
    (await secondsOf(work)) / PROBE_IMAGES;
  return {
    encoder: encodes ? await each(() => classifier.inputToLatent(batch)) : 0,
    head: await each(() => classifier.latentToLogit(latent)),
    gradients: differentiates ? await each(() => pullBack(classifier, batch, latent)) : 0,
  };
}

/** One run backward of g; none where an op has no gradient, as those methods are then left out. */
async function pullBack({ vjp }: Classifier, batch: Tensor, latent: Tensor): Promise<void> {
  try {
    await vjp(batch, latent, { of: 'latent', withRespectTo: 'input' });
  } catch (error) {
    if (!(error instanceof CraftError && error.code === 'MODEL_UNSUPPORTED')) throw error;
  }
}

function constant(dims: readonly number[]): Tensor<Float32Array> {
  return { data: new Float32Array(sizeOf(dims)).fill(0.5), dims: [...dims] };
}

/** Of the second run: the first of a session allocates. */
async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  await work();
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
