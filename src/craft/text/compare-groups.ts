// Two groups of texts compared: which concepts tell them apart, and which of those the model uses.

import { CraftError } from '../../errors.ts';
import { findClass } from '../../inputs/labels.ts';
import { groupDifference, type Interval, readConcepts, unexplainedLevel } from '../../math/contrast.ts';
import { completeness, topClass } from '../../metrics/completeness.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Importance } from '../importance.ts';
import type { GroupComparison } from './text-explanation.ts';

/** A class of the model. */
interface Target {
  readonly id: number;
  readonly label: string;
}

/** The texts of one group. */
interface Group {
  readonly label: string;
  readonly target: Target;
  readonly members: readonly number[];
}

/** What groups are made from. */
export interface Compared {
  /** Of the texts; null where the file has none. */
  readonly labels: readonly (string | null)[];
  /** h(A) of the texts, [N, classes]. */
  readonly logits: Tensor;
  /** h(UW) of the texts, [N, classes]. */
  readonly reconstructed: Tensor;
  readonly classLabels: readonly string[];
  readonly target: Target;
}

/** Fewer texts make no mean. */
const LEAST = 2;

/**
 * The group of the class explained and the group called `other`: by the labels of the file if some texts have either
 * name there, else by the model's own answers.
 *
 * @throws {@link CraftError} `OPTION` if one of the groups has fewer than two texts; `CLASS_NOT_FOUND` without labels
 *   of that name.
 */
export function twoGroups(
  other: string,
  compared: Omit<Compared, 'reconstructed'>,
): { groups: [Group, Group]; by: 'label' | 'prediction' } {
  const { labels, logits, classLabels, target } = compared;
  const byLabel = labels.includes(other) && labels.includes(target.label);
  const classes = logits.dims[1];
  const isClass = classLabels.includes(other) || !labels.includes(other);
  // a label that is no class of the model: its texts are explained by the same class
  const second = isClass ? findClass(classLabels, other, classes) : target;
  const membersOf = (label: string, id: number): number[] =>
    labels.map((_, n) => n).filter((n) => (byLabel ? labels[n] === label : topClass(logits, n) === id));
  const groups: [Group, Group] = [
    { label: target.label, target, members: membersOf(target.label, target.id) },
    { label: other, target: second, members: membersOf(other, second.id) },
  ];
  const small = groups.find(({ members }) => members.length < LEAST);
  if (small || groups[0].members[0] === groups[1].members[0]) {
    throw new CraftError(
      'OPTION',
      `compare: expected two groups of at least ${LEAST} texts each; got ${groups.map(({ label, members }) => `${members.length} of “${label}”`).join(' and ')}`,
    );
  }
  return { groups, by: byLabel ? 'label' : 'prediction' };
}

/**
 * Δ of the two groups against S_T of either class, each over the texts of its group.
 *
 * @param U - coefficients of all texts, [N, r], concepts in the order of their ids.
 * @param importanceOf - importance of the concepts, in the same order, for a class over some of the texts.
 */
export async function compareGroups(
  other: string,
  compared: Compared,
  U: Tensor,
  importanceOf: (members: readonly number[], classId: number) => Promise<Importance>,
  settings: { confidence: number; seed: number },
): Promise<GroupComparison> {
  const { groups, by } = twoGroups(other, compared);
  const [first, second] = groups.map(({ members }) => selectRows(U, members));
  const difference = groupDifference(first, second, settings);
  const results: Importance[] = [];
  for (const { members, target } of groups) results.push(await importanceOf(members, target.id));
  const intervals = results.map(intervalsOf);
  const levels = groups.map(({ target }) => {
    const { r2 } = completeness(compared.logits, compared.reconstructed, target.id);
    return unexplainedLevel(r2, U.dims[1]);
  });
  const readings = readConcepts(difference, intervals, levels);
  return {
    groups: groups.map(({ label, members, target }) => ({
      label,
      texts: members.length,
      class: { ...target },
    })),
    by,
    levels,
    concepts: readings.map((reading, id) => ({
      id,
      delta: { value: difference.delta[id], lower: difference.lower[id], upper: difference.upper[id] },
      importance: intervals.map((concepts) => concepts[id]),
      effect: results.map(({ effect }) => effect[id]),
      reading,
    })),
  };
}

function intervalsOf({ total, lower, upper }: Importance): Interval[] {
  return Array.from(total, (value, i) => ({ value, lower: lower[i], upper: upper[i] }));
}

/** Some rows of a matrix. */
export function selectRows({ data, dims: [, r] }: Tensor, rows: readonly number[]): Tensor<Float32Array> {
  const selected = new Float32Array(rows.length * r);
  rows.forEach((n, k) => {
    selected.set(data.subarray(n * r, (n + 1) * r), k * r);
  });
  return { data: selected, dims: [rows.length, r] };
}
