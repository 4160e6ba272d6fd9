// h = tail ∘ P with P affine: what of a head has to run for every mask, and what does not.
//
// Notation: h the head, latent → class scores; t a cut of h that is an affine function of the latent;
// P: latent → t; tail: t → score of one class. With r concepts and masks m ∈ [0,1]^r,
// h(Σᵢ mᵢ zᵢ) = tail(b + Σᵢ mᵢ aᵢ), b = P(0), aᵢ = P(zᵢ) − b: P runs r + 1 times, whatever the number of masks.

import { CraftError } from '../errors.ts';
import { lastNonAffine } from './affine.ts';
import { type Analysis, analyse, openModel } from './analysis.ts';
import { assemble } from './assemble.ts';
import { keepClass } from './fold-class.ts';
import { costAfter, sizeOfRow, widestAfter } from './fold-cost.ts';
import { feedWithCoefficients } from './fold-tail.ts';
import { opOf } from './graph.ts';
import { DataType } from './proto/constants.ts';
import { decodeModel, encodeModel } from './proto/read.ts';

export { TAIL_INPUTS } from './fold-tail.ts';

/** A head in two parts, for one class. Weights are where the head's are: inside, or by the same reference. */
export interface HeadFold {
  /** ONNX model P: latent → t. null where P is the identity. */
  readonly prefix: { readonly model: Uint8Array; readonly input: string; readonly output: string } | null;
  /** ONNX model: the inputs {@link TAIL_INPUTS} → score [B, 1]. null where the head is affine and t its score. */
  readonly tail: {
    readonly model: Uint8Array;
    readonly output: string;
    /** Numbers in the widest tensor of one row, to choose B by. */
    readonly widest: number;
  } | null;
  /** q, the numbers in one t. */
  readonly width: number;
  /** t has one axis beside the batch: its locations, if the latent had any, are gone. */
  readonly isVector: boolean;
  /** Rows in one run of either; null if any number goes. */
  readonly batch: number | null;
}

/** Reshape takes its dims as an input from this opset on. */
const MIN_OPSET = 5;

/** Where sums of parts are not the parts of sums: half precision and whole numbers round each of them. */
const ROUNDED: ReadonlySet<number> = new Set([
  DataType.FLOAT16,
  DataType.BFLOAT16,
  DataType.INT8,
  DataType.UINT8,
]);

/**
 * Splits a head at the affine cut t where fewest operations are left to each mask.
 *
 * @param head - of `cutModel`, its latent the only input; not changed.
 * @param request - classId: the class to score; rank: r.
 * @returns null if the head has no such cut of known dims, computes in half precision or quantized, or reads
 *   other inputs as well.
 * @throws {@link CraftError} `CLASS_NOT_FOUND` if the head has fewer classes.
 */
export function foldHead(
  head: Uint8Array,
  { classId, rank }: { classId: number; rank: number },
): HeadFold | null {
  const whole = analysed(head);
  if (!whole || !isFoldable(whole)) return null;
  const classes = sizeOfRow(whole, whole.path.output);
  if (classes === null) return null;
  if (classId >= classes) {
    throw new CraftError(
      'CLASS_NOT_FOUND',
      `classId: expected a class from 0 to ${classes - 1}; got ${classId}`,
    );
  }
  keepClass(whole, classId);
  const oneClass = whole.graph.model;
  const reopened = openModel(oneClass);
  const analysis = analyse(reopened.graph, reopened.shapes, oneClass.graph!.output[0].name);
  const cut = cheapestCut(analysis, rank);
  return cut === null ? null : splitAt(analysis, cut);
}

function analysed(head: Uint8Array): Analysis | null {
  const { graph, shapes } = openModel(decodeModel(head));
  if (graph.opset < MIN_OPSET || graph.inputs.length !== 1 || graph.outputs.length !== 1) return null;
  return analyse(graph, shapes, graph.outputs[0].name);
}

function isFoldable({ path, shapes }: Analysis): boolean {
  if (shapes.typeOf(path.input) !== DataType.FLOAT || path.cuts.length === 0) return false;
  return path.nodes.every(
    (node) =>
      opOf(node) !== 'QuantizeLinear' && !node.output.some((name) => ROUNDED.has(shapes.typeOf(name))),
  );
}

/** The affine cut, the latent itself included, with the least work for a mask; the last of equals. */
function cheapestCut(analysis: Analysis, rank: number): string | null {
  let best: { cut: string; cost: number } | null = null;
  for (const cut of [analysis.path.input, ...affineCuts(analysis)]) {
    const size = sizeOfRow(analysis, cut);
    if (size === null || analysis.shapes.typeOf(cut) !== DataType.FLOAT) continue;
    const cost = rank * size + costAfter(analysis, cut);
    if (best === null || cost <= best.cost) best = { cut, cost };
  }
  return best?.cut ?? null;
}

function affineCuts({ graph, shapes, path }: Analysis): string[] {
  // what is affine up to a cut is affine up to those before
  const first = path.cuts.findIndex((cut) => lastNonAffine(analyse(graph, shapes, cut)) >= 0);
  return first < 0 ? [...path.cuts] : path.cuts.slice(0, first);
}

function splitAt(analysis: Analysis, cut: string): HeadFold {
  const { graph, path, shapes } = analysis;
  const dims = shapes.dimsOf(cut)!;
  const [first, ...rest] = dims as [number | string, ...number[]];
  const batch = typeof first === 'number' ? first : null;
  const width = rest.reduce((q, d) => q * d, 1);
  const common = { width, isVector: rest.filter((d) => d !== 1).length <= 1, batch };
  if (cut === path.output) {
    const prefix = { model: encodeModel(graph.model), input: path.input, output: path.output };
    return { ...common, prefix, tail: null };
  }
  const halves =
    cut === path.input
      ? { encoder: null, head: graph.model, latent: cut, output: path.output }
      : assemble(analysis, cut, (weights) => weights);
  const widest = widestAfter(analysis, cut);
  feedWithCoefficients(halves.head, halves.latent, [batch ?? -1, ...rest]);
  return {
    ...common,
    prefix: halves.encoder && {
      model: encodeModel(halves.encoder),
      input: path.input,
      output: halves.latent,
    },
    tail: { model: encodeModel(halves.head), output: halves.output, widest },
  };
}
