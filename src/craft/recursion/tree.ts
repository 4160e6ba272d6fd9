// The tree of concepts: every concept that matters and is mixed is taken apart, and its parts in turn.

import type { Tensor } from '../../tensor/tensor.ts';
import { conceptOrder, conceptsOf, reorderColumns, reorderRows, type View } from '../concept-list.ts';
import type { PlainConcept } from '../concept-schema.ts';
import type { Craft, Fit } from '../craft.ts';
import type { ImportanceOptions } from '../importance.ts';
import type { ChildOrigin, Shares } from './child.ts';
import type { Examination, TriedLayer } from './examine.ts';
import type { Split, SubConcept } from './split-schema.ts';

/** A concept of less than this share of all importance is not looked at: its parts would be less still. */
export const MINOR = 0.05;

/** How a tree is grown. */
export interface TreeSettings {
  /** Levels of sub-concepts, from 1. */
  readonly depth: number;
  readonly percentile: number;
  readonly importance: ImportanceOptions;
  /** What parts of the inputs are shown in. */
  readonly view: View;
}

/** A concept of a fit, as it was ranked. */
interface Ranked {
  /** Its index in the fit. */
  readonly index: number;
  readonly concept: PlainConcept;
}

/** Splits by id, and the matrices of all levels by name. */
export interface Tree {
  readonly splits: readonly Split[];
  readonly matrices: Readonly<Record<string, Tensor>>;
}

/**
 * Takes the concepts of a fit apart.
 *
 * A sub-concept's importance is its parent's times its share: with m_i the parent's mask put as a function of
 * masks on its parts, the total index of a part is S_Ti·T_j exactly if the score is affine in the parent's
 * contribution, and a mean of T_j under other masks of the other concepts else (docs/recursion.md).
 *
 * @param order - `order[id]` is a concept's index in the fit.
 */
export async function growTree(
  craft: Craft,
  order: readonly number[],
  concepts: readonly PlainConcept[],
  settings: TreeSettings,
): Promise<Tree> {
  const matrices: Record<string, Tensor> = {};
  const all = concepts.reduce((sum, { importance }) => sum + importance.value, 0);
  const splits: Split[] = [];
  for (const concept of concepts) {
    const ranked = { index: order[concept.id], concept };
    const isMinor = concept.importance.value < MINOR * all || concept.importance.value <= 0;
    splits.push(
      isMinor
        ? notLookedAt(settings)
        : await splitOf(craft, ranked, `${concept.id}`, settings.depth, { ...settings, all, matrices }),
    );
  }
  return { splits, matrices };
}

/** What all levels share. */
interface Growing extends TreeSettings {
  /** Summed importance of the first level. */
  readonly all: number;
  readonly matrices: Record<string, Tensor>;
}

async function splitOf(
  craft: Craft,
  { index, concept }: Ranked,
  path: string,
  levels: number,
  growing: Growing,
): Promise<Split> {
  const { percentile, importance: options, view } = growing;
  const { signal, onProgress } = options;
  const examination = await craft.examine(index, { percentile, signal, onProgress });
  if (!examination.best) return described(examination, percentile);
  const child = await craft.decompose(index, { examination, signal, onProgress });
  const fit = child.decomposition as Fit & ChildOrigin;
  const shares = await child.estimateShares(options);
  const order = conceptOrder(shares.total);
  const plain = conceptsOf(fit, shares, order, view);
  const links = linksOf(fit, order, examination, concept);
  keepMatrices(growing.matrices, path, fit, order);
  const children: SubConcept[] = [];
  for (const part of plain) {
    const ownSplit = { index: order[part.id], concept: onParentsScale(part, concept) };
    const isMinor = ownSplit.concept.importance.value < MINOR * growing.all;
    const split =
      levels <= 1
        ? null
        : isMinor
          ? notLookedAt(growing)
          : await splitOf(child, ownSplit, `${path}.${part.id}`, levels - 1, growing);
    children.push({
      ...ownSplit.concept,
      share: part.importance,
      ...links[part.id],
      ...(split && { split }),
    });
  }
  return { ...described(examination, percentile), fit: fitFacts(fit, shares), children };
}

/** The concept with its share put on the scale of its parent; the parent's own interval moves all alike. */
function onParentsScale(part: PlainConcept, { importance: { value: parent } }: PlainConcept): PlainConcept {
  const { value, lower, upper } = part.importance;
  return { ...part, importance: { value: parent * value, lower: parent * lower, upper: parent * upper } };
}

/** Which of the parent's rows are most of all a part's. */
function linksOf(
  fit: Fit & ChildOrigin,
  order: readonly number[],
  { rows: { rows } }: Examination,
  parent: PlainConcept,
): Pick<SubConcept, 'overlap' | 'parentBest'>[] {
  const r = order.length;
  const sums = new Map(rows.map((row) => [row, new Float64Array(r)]));
  fit.parents.forEach((row, k) => {
    const sum = sums.get(row)!;
    for (let id = 0; id < r; id++) sum[id] += fit.U.data[k * r + order[id]];
  });
  const ownerOf = (row: number): number | null => {
    const sum = sums.get(row);
    return sum ? sum.indexOf(sum.reduce((most, u) => Math.max(most, u), 0)) : null;
  };
  const all = fit.weights.reduce((sum, weight) => sum + weight, 0);
  return order.map((_, id) => {
    const own = fit.parents.reduce((sum, row, k) => sum + (ownerOf(row) === id ? fit.weights[k] : 0), 0);
    return {
      overlap: all > 0 ? own / all : 0,
      parentBest: parent.bestRows.flatMap(({ row }, place) => (ownerOf(row) === id ? [place] : [])),
    };
  });
}

function keepMatrices(
  matrices: Record<string, Tensor>,
  path: string,
  fit: Fit & ChildOrigin,
  order: readonly number[],
): void {
  matrices[`W.${path}`] = reorderRows(fit.W, order);
  matrices[`U.${path}`] = reorderColumns(fit.U, order);
  matrices[`rows.${path}`] = { data: Int32Array.from(fit.parents), dims: [fit.parents.length] };
}

function notLookedAt({ percentile }: TreeSettings): Split {
  return {
    verdict: 'minor',
    rows: { percentile, found: 0, used: 0 },
    polysemantic: 0,
    tried: [],
    chosen: null,
    fit: null,
    children: [],
  };
}

function described({ verdict, rows, polysemantic, tried, best }: Examination, percentile: number): Split {
  return {
    verdict,
    rows: { percentile, found: rows.found, used: rows.rows.length },
    polysemantic,
    tried: tried.map(triedFacts),
    chosen: best ? tried.indexOf(best) : null,
    fit: null,
    children: [],
  };
}

function triedFacts({
  cut,
  spread,
  random,
  groups,
  curve,
  elbow,
  verdict,
}: TriedLayer): Split['tried'][number] {
  const { tensor, name, op, dims } = cut.facts;
  return {
    layer: { tensor, name, op, dims: [...dims] },
    spread,
    random: { ...random },
    groups: groups && { ...groups },
    curve: curve.map((point) => ({ ...point })),
    elbow: elbow && { ...elbow },
    verdict,
  };
}

function fitFacts(fit: Fit & ChildOrigin, shares: Shares): Split['fit'] {
  return {
    method: fit.method,
    rows: fit.U.dims[0],
    width: fit.W.dims[1],
    relativeError: fit.relativeError,
    explained: fit.explained,
    parts: shares.parts,
    sum: shares.total.reduce((sum, share) => sum + share, 0),
    degenerate: shares.degenerate,
    whole: shares.whole,
    without: shares.without,
  };
}
