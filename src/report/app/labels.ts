// Names that the reader gives to concepts. They stay in this browser, and go into the downloaded JSON.

import { useState } from 'preact/hooks';
import type { PlainConcept } from '../../craft/concept-schema.ts';
import type { Explanation } from '../../craft/explanation.ts';
import { keep, recall } from './storage.ts';
import { defaultName } from './words/names.ts';

/** Concept id to name. An empty name takes the one in the explanation away. */
export type Labels = Record<number, string>;

export interface LabelBook {
  nameOf(concept: PlainConcept): string;
  /** What stands in the field: '' while there is no name. */
  labelOf(concept: PlainConcept): string;
  setLabel(concept: PlainConcept, label: string): void;
  /** The explanation with the labels of now. */
  labelled(): Explanation;
}

/** Names belong to one factorisation: the same model, layer, class, rank and seed. */
function keyOf({ model, layer, class: target, settings }: Explanation): string {
  const run = [model.sha256, layer.tensor, target.id, settings.numberOfConcepts, settings.seed];
  return `craft-xai:labels:${run.join(':')}`;
}

export function useLabels(explanation: Explanation): LabelBook {
  const key = keyOf(explanation);
  const [labels, setLabels] = useState<Labels>(() => readLabels(recall(key)));
  const labelOf = (concept: PlainConcept): string => labels[concept.id] ?? concept.label ?? '';
  return {
    labelOf,
    nameOf: (concept) => labelOf(concept).trim() || defaultName(concept.id),
    setLabel(concept, label) {
      const next = { ...labels, [concept.id]: label };
      setLabels(next);
      keep(key, JSON.stringify(next));
    },
    labelled: () => ({
      ...explanation,
      concepts: explanation.concepts.map((c) => ({ ...c, label: labelOf(c).trim() || null })),
    }),
  };
}

function readLabels(text: string | null): Labels {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    const entries = value !== null && typeof value === 'object' ? Object.entries(value) : [];
    return Object.fromEntries(entries.filter(([, label]) => typeof label === 'string'));
  } catch {
    return {};
  }
}
