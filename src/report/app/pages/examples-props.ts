import type { AnyConcept, Example } from '../../report-data.ts';

/** Rows of U that show a concept. */
export interface ExamplesProps {
  concept: AnyConcept;
  examples: readonly Example[];
  /** What they are, in the name of each for a screen reader. */
  name: string;
}
