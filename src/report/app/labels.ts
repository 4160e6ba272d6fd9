// Names that the reader gives to concepts. They stay in this browser, and go into the downloaded JSON.

import { useState } from 'preact/hooks';
import type { Explained } from '../report-data.ts';
import { keep, recall } from './storage.ts';
import { defaultName } from './words/names.ts';

/** Concept id to name. An empty name takes the one in the explanation away. */
export type Labels = Record<number, string>;

/** What a name is made from; `draft`: of texts, from the words of a concept's units. */
export interface Named {
  id: number;
  label: string | null;
  draft?: { text: string };
}

export interface LabelBook {
  nameOf(concept: Named): string;
  /** What it is called while nobody has named it: its draft, or its number. */
  standInOf(concept: Named): string;
  /** What stands in the field: '' while there is no name. */
  labelOf(concept: Named): string;
  setLabel(concept: Named, label: string): void;
  /** The explanation with the labels of now. */
  labelled(): Explained;
}

/** Names belong to one factorisation: the same model, layer, class, rank and seed. */
function keyOf({ model, layer, class: target, concepts, settings }: Explained): string {
  const run = [model.sha256, layer.tensor, target.id, concepts.length, settings.seed];
  return `craft-xai:labels:${run.join(':')}`;
}

export function useLabels(explanation: Explained): LabelBook {
  const key = keyOf(explanation);
  const [labels, setLabels] = useState<Labels>(() => readLabels(recall(key)));
  const labelOf = (concept: Named): string => labels[concept.id] ?? concept.label ?? '';
  const standInOf = ({ id, draft }: Named): string => draft?.text || defaultName(id);
  return {
    labelOf,
    standInOf,
    nameOf: (concept) => labelOf(concept).trim() || standInOf(concept),
    setLabel(concept, label) {
      const next = { ...labels, [concept.id]: label };
      setLabels(next);
      keep(key, JSON.stringify(next));
    },
    labelled: () =>
      ({
        ...explanation,
        concepts: explanation.concepts.map((c) => ({ ...c, label: labelOf(c).trim() || null })),
      }) as Explained,
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
