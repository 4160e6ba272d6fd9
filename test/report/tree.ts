// Splits for the made-up explanation: a concept of two parts, one of which is split again, and one of each verdict
// that leaves a concept whole.

import type { Explanation } from '../../src/craft/explanation.ts';
import type { Split, SubConcept } from '../../src/craft/recursion/split-schema.ts';

const curve = (gain: number, chance: number, stability: number): Split['tried'][number]['curve'] => [
  { concepts: 1, unexplained: 0.3, gain: 0, chance: 0, stability: null },
  { concepts: 2, unexplained: 0.3 * (1 - gain), gain, chance, stability },
  {
    concepts: 3,
    unexplained: 0.29 * (1 - gain),
    gain: gain + 0.02,
    chance: 2 * chance,
    stability: stability / 2,
  },
];

const tried = (
  name: string,
  verdict: Split['tried'][number]['verdict'],
  [gain, chance, stability] = [0.62, 0.08, 0.94],
): Split['tried'][number] => ({
  layer: { tensor: `${name}_output_0`, name, op: 'Add', dims: [null, 160, 14, 14] },
  spread: 0.31,
  curve: curve(gain, chance, stability),
  elbow: stability > 0.7 ? { concepts: 2, score: 0.3 * (gain - chance) } : null,
  verdict,
});

const whole = (verdict: Split['verdict'], layers: Split['tried'] = []): Split => ({
  verdict,
  rows: { percentile: 90, found: verdict === 'few-rows' ? 5 : 39, used: verdict === 'few-rows' ? 5 : 39 },
  polysemantic: 0.2,
  tried: layers,
  chosen: null,
  fit: null,
  children: [],
});

const mixed = (children: SubConcept[]): Split => ({
  ...whole('mixed', [tried('layer3', 'mixed'), tried('layer2', 'unstable', [0.3, 0.1, 0.4])]),
  chosen: 0,
  fit: {
    method: 'semi-nmf',
    rows: 39,
    width: 160,
    relativeError: 0.21,
    explained: 0.44,
    parts: 24,
    sum: 1.02,
    degenerate: 0,
    whole: 7.4,
    without: 3.1,
  },
  children,
});

/** The explanation with a tree: concept 0 is split on two levels, the others are whole for every reason in turn. */
export function withTree(explanation: Explanation): Explanation {
  const reasons = ['one-direction', 'unstable', 'chance', 'few-rows', 'no-layer', 'minor'] as const;
  const childOf = (parent: Explanation['concepts'][number], id: number, split?: Split): SubConcept => {
    const share =
      id === 0 ? { value: 0.7, lower: 0.61, upper: 0.78 } : { value: 0.31, lower: 0.22, upper: 0.4 };
    const scaled = Object.fromEntries(
      Object.entries(share).map(([name, value]) => [name, value * parent.importance.value]),
    ) as typeof share;
    return {
      ...parent,
      id,
      importance: scaled,
      share,
      overlap: id === 0 ? 0.66 : 0.34,
      parentBest: id === 0 ? [0, 2, 5] : [],
      bestRows: parent.bestRows.slice(id, id + 6).map((best, row) => ({ ...best, row })),
      ...(split && { split }),
    };
  };
  const concepts = explanation.concepts.map((concept, k) => {
    if (k > 0) {
      const verdict = reasons[(k - 1) % reasons.length];
      const layers =
        verdict === 'one-direction' || verdict === 'unstable' || verdict === 'chance'
          ? [
              tried('layer3', verdict, [0.2, 0.15, verdict === 'unstable' ? 0.4 : 0.9]),
              tried('layer2', verdict),
            ]
          : [];
      return { ...concept, split: whole(verdict, layers) };
    }
    const { split: _, ...plain } = concept;
    const grandchildren = mixed([childOf(plain, 0), childOf(plain, 1)]);
    return {
      ...plain,
      split: mixed([childOf(plain, 0, grandchildren), childOf(plain, 1, whole('few-rows'))]),
    };
  });
  const settings = { ...explanation.settings, recursion: { depth: 2, percentile: 90 } };
  return { ...explanation, settings, concepts };
}
