// Concept deletion and insertion on a classifier: does the order by importance carry the class score best?

import {
  type ConceptCurves,
  conceptCurves,
  conceptMasks,
  orderBy,
  randomOrders,
} from '../../metrics/concept-curves.ts';
import { gradientActivation, tcavScores } from '../../metrics/directional.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkAborted } from '../batches.ts';
import type { Coefficients } from '../concepts.ts';
import type { FoldHead } from '../folded-head.ts';
import type { Head } from '../head.ts';
import { fromLatents, type Latents, toLatents } from '../layout.ts';
import { inputsOf, openScorer } from '../masked-scores.ts';
import { allScores } from '../score-rows.ts';
import { GRADIENT_BATCH, parts } from './target.ts';
import type { Vjp } from './vjp.ts';

/** Ways to order concepts. */
export type OrderName = 'importance' | 'gradient-activation' | 'tcav' | 'random';

/** Options of `Craft.conceptFaithfulness`. */
export interface FaithfulnessOptions {
  readonly classId: number;
  /** Total indices of the concepts, [r]. */
  readonly importance: ArrayLike<number>;
  /** Random orders, whose curves are averaged; default 20. */
  readonly randomOrders?: number;
  readonly signal?: AbortSignal;
}

/** The curves of one order. */
export interface OrderCurves extends ConceptCurves {
  readonly order: OrderName;
}

/** What the curves are computed from. */
export interface FaithfulnessContext {
  readonly head: Head;
  readonly foldHead: FoldHead | null;
  readonly vjp: Vjp | null;
  readonly W: Tensor;
  readonly latents: readonly Latents[];
  readonly coefficients: readonly Coefficients[];
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * The curves of the order by importance, of random orders (their mean), and where gradients are there, of the
 * orders by gradient × activation and by TCAV. null where the concepts together do not raise the mean score.
 */
export async function conceptFaithfulness(
  context: FaithfulnessContext,
  { classId, importance, randomOrders: count = 20, signal }: FaithfulnessOptions,
): Promise<OrderCurves[] | null> {
  const { W, vjp, seed } = context;
  const { inputs, shape } = inputsOf(context.coefficients);
  const scorer = await openScorer({ ...context, classId }, { W, shape, inputs });
  const curvesOf = async (order: readonly number[]): Promise<ConceptCurves | null> => {
    const masks = conceptMasks(order);
    const [rows] = masks.dims;
    const { y } = await allScores(inputs.count, rows, (take) =>
      scorer.scores({ masks: { count: rows, of: () => masks.data }, take, signal }),
    );
    return conceptCurves({ data: y, dims: [inputs.count, rows] });
  };
  try {
    const all: OrderCurves[] = [];
    const named: [OrderName, readonly number[]][] = [['importance', orderBy(importance)]];
    if (vjp) {
      const { slopes, products } = await conceptSlopes(context, vjp, classId, signal);
      named.push(['gradient-activation', orderBy(gradientActivation(products))]);
      named.push(['tcav', orderBy(tcavScores(slopes))]);
    }
    for (const [order, concepts] of named) {
      const curves = await curvesOf(concepts);
      if (!curves) return null;
      all.push({ order, ...curves });
    }
    const random: ConceptCurves[] = [];
    for (const order of randomOrders(W.dims[0], count, seed)) random.push((await curvesOf(order))!);
    return [...all, { order: 'random', ...meanCurves(random) }];
  } finally {
    await scorer.release();
  }
}

function meanCurves(curves: readonly ConceptCurves[]): ConceptCurves {
  const meanOf = (kind: 'deletion' | 'insertion') => {
    const values = new Float64Array(curves[0][kind].values.length);
    for (const curve of curves) {
      for (let k = 0; k < values.length; k++) values[k] += curve[kind].values[k] / curves.length;
    }
    return { values, auc: curves.reduce((sum, curve) => sum + curve[kind].auc, 0) / curves.length };
  };
  return { deletion: meanOf('deletion'), insertion: meanOf('insertion') };
}

/** Σ_t W_i · ∂y/∂A_t and Σ_t u_ti (W_i · ∂y/∂A_t) of every input, [N, r] each. */
async function conceptSlopes(
  { head, W, latents, coefficients }: FaithfulnessContext,
  vjp: Vjp,
  classId: number,
  signal: AbortSignal | undefined,
): Promise<{ slopes: Tensor; products: Tensor }> {
  const r = W.dims[0];
  const N = latents.reduce((sum, { count }) => sum + count, 0);
  const slopes = { data: new Float64Array(N * r), dims: [N, r] };
  const products = { data: new Float64Array(N * r), dims: [N, r] };
  let n = 0;
  for (const [k, batch] of latents.entries()) {
    const { shape } = batch;
    const size = shape.locations * shape.width;
    for (const part of parts(batch.count, GRADIENT_BATCH)) {
      checkAborted(signal);
      const own = {
        data: batch.data.subarray(part[0] * size, (part[part.length - 1] + 1) * size),
        count: part.length,
        shape,
      };
      const [, classes] = (await head.logits(own)).dims;
      const v = new Float32Array(part.length * classes);
      for (let b = 0; b < part.length; b++) v[b * classes + classId] = 1;
      const cotangent = { data: v, dims: [part.length, classes] };
      const pulled = await vjp(fromLatents(own), cotangent, { of: 'logit', withRespectTo: 'latent' });
      const gradient = toLatents(pulled, shape).data;
      for (const b of part.keys()) {
        const u = coefficients[k].data.subarray((part[0] + b) * shape.locations * r);
        addSlopes(gradient.subarray(b * size, (b + 1) * size), u, W, n++, slopes.data, products.data);
      }
    }
  }
  return { slopes, products };
}

function addSlopes(
  gradient: Float32Array,
  u: Float32Array,
  W: Tensor,
  n: number,
  slopes: Float64Array,
  products: Float64Array,
): void {
  const [r, p] = W.dims;
  for (let t = 0; t * p < gradient.length; t++) {
    for (let i = 0; i < r; i++) {
      let slope = 0;
      for (let c = 0; c < p; c++) slope += W.data[i * p + c] * gradient[t * p + c];
      slopes[n * r + i] += slope;
      products[n * r + i] += u[t * r + i] * slope;
    }
  }
}
