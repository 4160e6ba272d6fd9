import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { WordWeights } from './word-weights.ts';

export const WeightsContext = createContext<WordWeights | null>(null);

/** What words are worth to concepts in the report that the component stands in. */
export function useWordWeights(): WordWeights {
  return useContext(WeightsContext)!;
}
