// Names that the reader gives to concepts. They stay in this browser and in the address, and go into the downloaded
// JSON.

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Explained } from '../report-data.ts';
import { isOpenedLink, type Labels, namesIn, writeNames } from './address.ts';
import { keep, recall } from './storage.ts';
import { defaultName } from './words/names.ts';

/** What a name is made from; `draft`: of texts, from the words of a concept's units. */
export interface Named {
  id: number;
  label: string | null;
  draft?: { text: string };
}

export interface LabelBook {
  /** Those that the reader gave. */
  given: Labels;
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

/** The same book until a name changes. Names of a link come before those that this browser has kept. */
export function useLabels(explanation: Explained): LabelBook {
  const key = keyOf(explanation);
  const concepts = explanation.concepts.length;
  const [labels, setLabels] = useState<Labels>(() => ({
    ...readLabels(recall(key)),
    ...namesIn(location.hash, concepts),
  }));
  useNamesInAddress(labels, concepts, setLabels);
  return useMemo(() => {
    const labelOf = (concept: Named): string => labels[concept.id] ?? concept.label ?? '';
    const standInOf = ({ id, draft }: Named): string => draft?.text || defaultName(id);
    return {
      given: labels,
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
  }, [labels, explanation, key]);
}

/** A browser allows the address to be changed some hundred times a minute, so not at each letter. */
const PAUSE = 300;

function useNamesInAddress(labels: Labels, concepts: number, setLabels: (labels: Labels) => void): void {
  useEffect(() => {
    const follow = (): void => {
      const found = isOpenedLink() ? namesIn(location.hash, concepts) : {};
      if (Object.keys(found).length > 0) setLabels({ ...labels, ...found });
      else writeNames(labels);
    };
    const timer = setTimeout(() => writeNames(labels), PAUSE);
    addEventListener('hashchange', follow);
    return () => {
      clearTimeout(timer);
      removeEventListener('hashchange', follow);
    };
  }, [labels, concepts]);
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
