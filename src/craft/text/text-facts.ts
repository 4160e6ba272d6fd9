// What a run on texts needs and what it has found, before it is an explanation.

import type { TextItem, TextSource } from '../../inputs/text/text-source.ts';
import type { TextUnit } from '../../inputs/text/text-unit.ts';
import type { CutCheck, TextClassifier } from '../classifier.ts';
import type { Fit } from '../craft.ts';
import type { Importance } from '../importance.ts';
import type { RunOptions } from '../options.ts';
import type { Reconstruction } from '../reconstruct.ts';
import type { Truth } from './compare-signs.ts';
import type { GroupComparison, SignsReport, TextConcept, TextExplanation } from './text-explanation.ts';
import type { TextRequest } from './text-request.ts';

/** What a run needs from outside. */
export interface TextEffects extends RunOptions {
  readonly classifier: TextClassifier;
  readonly source: TextSource;
  /** Most texts to use, for the record; the source keeps to it. */
  readonly limit: number | null;
  /** The same model cut at a ReLU after this layer, to tell what its signs cost; default: not told. */
  readonly relu?: TextClassifier | null;
}

/** What a run has found, concepts in the order of their ids. */
export interface TextFacts {
  readonly request: TextRequest;
  readonly effects: TextEffects;
  readonly target: { readonly id: number; readonly label: string };
  readonly cutCheck: CutCheck;
  readonly items: readonly TextItem[];
  readonly units: readonly TextUnit[];
  readonly fit: Fit;
  readonly concepts: readonly TextConcept[];
  readonly importance: Importance;
  readonly reconstruction: Reconstruction;
  readonly truth: Truth;
  readonly examples: readonly number[];
  readonly heatmaps: TextExplanation['heatmaps'];
  readonly signs: readonly SignsReport[];
  readonly compare: GroupComparison | null;
}
