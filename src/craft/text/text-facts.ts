// What a run on texts has found, before it is an explanation.

import type { CutCheck } from '../classifier.ts';
import type { Factorization } from '../factorize.ts';
import type { Importance } from '../importance.ts';
import type { Reconstruction } from '../reconstruct.ts';
import type { Truth } from './compare-signs.ts';
import type { TextData } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import type { GroupComparison, SignsReport, TextConcept, TextExplanation } from './text-explanation.ts';
import type { TextRequest } from './text-request.ts';

/** What a run has found, concepts in the order of their ids. */
export interface TextFacts {
  readonly request: TextRequest;
  readonly effects: TextEffects;
  readonly target: { readonly id: number; readonly label: string };
  readonly cutCheck: CutCheck;
  readonly data: TextData;
  /** Those that are shown, by their index. */
  readonly texts: ReadonlyMap<number, string>;
  /** Texts that are longer than the model reads. */
  readonly truncated: number;
  readonly fit: Factorization;
  readonly concepts: readonly TextConcept[];
  readonly importance: Importance;
  readonly reconstruction: Reconstruction;
  readonly truth: Truth;
  readonly examples: readonly number[];
  readonly heatmaps: TextExplanation['heatmaps'];
  readonly signs: readonly SignsReport[];
  readonly compare: GroupComparison | null;
}
