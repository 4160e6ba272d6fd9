// The part of an explanation that is a tree: its matrices by path, and the checks of what was read.

import type { Explanation } from '../craft/explanation.ts';
import type { Split, SubConcept } from '../craft/recursion/split-schema.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A concept that was split, by the path of ids to it. */
interface Place {
  readonly path: string;
  readonly split: Split;
  /** Rows that the parent's U has. */
  readonly parentRows: number;
}

/** Every split of an explanation that has sub-concepts. */
export function* splitsOf({ concepts, factorization }: Explanation): Generator<Place> {
  for (const { id, split } of concepts) if (split) yield* below(`${id}`, split, factorization.rows);
}

function* below(path: string, split: Split, parentRows: number): Generator<Place> {
  if (split.fit === null) return;
  yield { path, split, parentRows };
  for (const child of split.children) {
    if (child.split) yield* below(`${path}.${child.id}`, child.split, split.fit.rows);
  }
}

/** All sub-concepts of an explanation. */
export function* subConceptsOf(explanation: Explanation): Generator<SubConcept> {
  for (const { split } of splitsOf(explanation)) yield* split.children;
}

/**
 * The matrices of the tree, or null if there is no tree.
 *
 * @param take - a matrix by name, checked against dims, null standing for any.
 */
export function treeMatrices(
  explanation: Explanation,
  take: (name: string, dims: readonly (number | null)[]) => Tensor,
): Record<string, Tensor> | null {
  const matrices: Record<string, Tensor> = {};
  for (const { path, split } of splitsOf(explanation)) {
    const { rows, width } = split.fit!;
    matrices[`W.${path}`] = take(`W.${path}`, [split.children.length, width]);
    matrices[`U.${path}`] = take(`U.${path}`, [rows, split.children.length]);
    matrices[`rows.${path}`] = take(`rows.${path}`, [rows]);
  }
  return explanation.settings.recursion ? matrices : null;
}

/** What is wrong with the tree's ids and places, in words; null if nothing is. */
export function treeFault({ concepts }: Explanation): string | null {
  for (const concept of concepts) {
    const fault =
      concept.split && faultOf(`concepts.${concept.id}.split`, concept.split, concept.bestRows.length);
    if (fault) return fault;
  }
  return null;
}

function faultOf(where: string, { chosen, tried, fit, children }: Split, parentBest: number): string | null {
  if (chosen !== null && chosen >= tried.length) {
    return `${where}.chosen: expected one of ${tried.length} layers; got ${chosen}`;
  }
  if ((fit === null) !== (children.length === 0) || (fit !== null && chosen === null)) {
    return `${where}: expected sub-concepts, their fit and their layer together; got ${children.length} sub-concepts`;
  }
  for (const [k, child] of children.entries()) {
    const here = `${where}.children.${k}`;
    if (child.id !== k) return `${here}.id: expected ${k}; got ${child.id}`;
    const outside = child.parentBest.find((place) => place >= parentBest);
    if (outside !== undefined) return `${here}.parentBest: expected less than ${parentBest}; got ${outside}`;
    const fault = child.split && faultOf(`${here}.split`, child.split, child.bestRows.length);
    if (fault) return fault;
  }
  return null;
}
