// What every part of the page reads: the data, the names, and the one dialog.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PlainConcept } from '../../craft/concept-schema.ts';
import type { Explanation } from '../../craft/explanation.ts';
import type { TextExplanation } from '../../craft/text/text-explanation.ts';
import type { Explained, LeftOut, LiveHead } from '../report-data.ts';
import type { Details } from './details.ts';
import type { LabelBook } from './labels.ts';
import type { ConceptMaps } from './maps/concept-maps.ts';
import type { MapChoice } from './maps/map-choices.ts';

/**
 * What the dialog shows: one best crop of a concept (`title`: where that is not the concept's label; `largest`: the
 * concept's largest coefficient if its first crop has not that) in its image, or an example with its maps.
 */
export type View =
  | { kind: 'crop'; concept: PlainConcept; index: number; title?: string; largest?: number }
  | { kind: 'map'; example: number; look: MapLook };

/** How maps are drawn. */
export interface MapLook {
  /** Ids of the concepts shown. */
  shown: readonly number[];
  /** 0 … 100. */
  opacity: number;
  smooth: boolean;
  /** Lines between the cells of the latent's grid. */
  cells: boolean;
}

/** What stays as it is while the page is open: the many crops and pictures read only this. */
export interface Page<E extends Explained = Explanation> {
  explanation: E;
  details: Details;
  /** The second half of the model beside the page. */
  live: LiveHead | null;
  /** Texts that the page does not list. */
  leftOut?: LeftOut | null;
  open(view: View): void;
}

export interface Report<E extends Explained = Explanation> extends Page<E> {
  /** Of every method that the page has maps of. */
  choices: readonly MapChoice[];
  /** The method that the reader chose, and its maps. */
  method: string;
  setMethod(method: string): void;
  maps: ConceptMaps | null;
  labels: LabelBook;
}

export const PageContext = createContext<Page<Explained> | null>(null);

/** The page that the component stands in, without what the reader changes. */
export function usePage(): Page {
  return useContext(PageContext) as Page;
}

export const ReportContext = createContext<Report<Explained> | null>(null);

/** The report that the component stands in, where its inputs may be of either kind. */
export function useRun(): Report<Explained> {
  return useContext(ReportContext)!;
}

/** The report on images that the component stands in. */
export function useReport(): Report {
  return useRun() as Report;
}

/** The report on texts that the component stands in. */
export function useTexts(): Report<TextExplanation> {
  return useRun() as Report<TextExplanation>;
}
