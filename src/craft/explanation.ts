// The result of a run, as plain JSON: numbers and names, no colour, no HTML, no model.
// Matrices (W, U, importance per input, maps) stand beside it in concepts.safetensors.

import * as v from 'valibot';
import { PreprocessSchema } from '../inputs/preprocess.ts';
import { conceptEntries, count, dims, number } from './concept-schema.ts';
import { SplitSchema } from './recursion/split-schema.ts';
import { RobustnessSchema } from './robustness-schema.ts';

export const EXPLANATION_FORMAT = 'craft-xai/explanation';
/** Raised when a reader of the version before would misread the file. */
export const EXPLANATION_VERSION = 1;

const ModelSchema = v.object({
  /** File name without its folder. */
  name: v.string(),
  format: v.picklist(['onnx', 'tflite']),
  /** Of the file's bytes, hexadecimal. */
  sha256: v.string(),
  bytes: count,
  input: v.object({ name: v.string(), dims }),
  /** The tensor that h ends at, with the class scores before any softmax. */
  output: v.object({ name: v.string(), dims }),
  classes: count,
});

const LayerSchema = v.object({
  tensor: v.string(),
  name: v.string(),
  op: v.string(),
  /** Of the latent; null where it varies (the batch). */
  dims,
  layout: v.picklist(['NCHW', 'NHWC', 'NTC', 'NC']),
  /** Tokens before the grid (CLS, registers); 0 for maps. */
  prefixTokens: count,
  /** How the layer was chosen: by the user or by us. */
  chosenBy: v.picklist(['user', 'suggestion']),
  /** Whether a negative activation was seen in this run. */
  nonNegative: v.boolean(),
  /** `affine`: logits are an affine function of the latent, so importance has a closed form. */
  head: v.picklist(['affine', 'general']),
  /** h(g(x)) against f(x) on a real batch, on the logits. */
  cutCheck: v.object({ inputs: count, maxAbsDifference: number, maxAbsLogit: number }),
});

const InputItemSchema = v.object({
  /** Path below the folder of inputs, with forward slashes. */
  name: v.string(),
  /** Of the class explained. */
  logit: number,
  predicted: v.object({ id: count, label: v.string(), logit: number }),
  /** What the model saw of it, as a path beside the explanation; null if it is not shown. */
  image: v.nullable(v.string()),
});

const SkippedSchema = v.object({ name: v.string(), reason: v.string() });

const SettingsSchema = v.object({
  numberOfConcepts: count,
  rows: v.picklist(['crops', 'dense']),
  patchSize: count,
  stride: count,
  batchSize: count,
  factorizer: v.picklist(['auto', 'nmf', 'semi-nmf']),
  nbDesign: count,
  sampler: v.picklist(['sobol', 'halton', 'latin-hypercube']),
  estimator: v.picklist(['jansen', 'homma', 'janon', 'glen', 'saltelli']),
  confidence: number,
  seed: count,
  limit: v.nullable(count),
  /** Levels of sub-concepts and the percentile of their rows; missing if none were asked for. */
  recursion: v.exactOptional(v.object({ depth: count, percentile: number })),
});

const ConceptSchema = v.object({
  ...conceptEntries,
  /** Its sub-concepts at an earlier layer, or why it has none; missing unless they were asked for. */
  split: v.exactOptional(SplitSchema),
});
export type Concept = v.InferOutput<typeof ConceptSchema>;

export const ExplanationSchema = v.object({
  format: v.literal(EXPLANATION_FORMAT),
  version: v.literal(EXPLANATION_VERSION),
  /** Versions of this library and of what computed: name to version. */
  versions: v.record(v.string(), v.string()),
  model: ModelSchema,
  layer: LayerSchema,
  class: v.object({ id: count, label: v.string() }),
  preprocess: PreprocessSchema,
  settings: SettingsSchema,
  inputs: v.object({
    kind: v.literal('image'),
    /** Name of the folder, without its path. */
    source: v.string(),
    items: v.array(InputItemSchema),
    skipped: v.array(SkippedSchema),
  }),
  factorization: v.object({
    method: v.picklist(['nmf', 'semi-nmf']),
    rows: count,
    width: count,
    iterations: count,
    converged: v.boolean(),
    /** Why it ended where it did (NMF), see NmfResult; missing in older files. */
    ended: v.optional(v.string()),
    /** ½‖A − UW‖². */
    loss: number,
    /** ‖A − UW‖ / ‖A‖. */
    relativeError: number,
  }),
  importance: v.object({
    method: v.picklist(['sobol', 'closed-form']),
    /** What the bootstrap drew, and so what the intervals cover, see Resampled; missing in older files. */
    resampled: v.optional(v.picklist(['inputs', 'designs', 'design-rows'])),
    /** Inputs on which y is constant, so that they count 0 for every concept. */
    degenerate: count,
    /** Σ S_T: 1 for an additive head, above 1 where concepts interact. */
    sum: number,
    /** How much of h ran, see ImportancePath; missing in older files. */
    path: v.optional(v.picklist(['closed-form', 'folded-pool', 'folded-linear', 'folded-prefix', 'batched'])),
    /** Rows that h ran on, or what a fold left of it. */
    headEvaluations: count,
    /** Rows that the folded part of h ran on; missing in older files. */
    prefixEvaluations: v.optional(count),
  }),
  completeness: v.object({
    /** R² of the class logit of h(UW) against h(A) over the inputs; null if h(A) is constant. */
    r2: v.nullable(number),
    /** Pearson correlation of the two; null if either is constant. */
    correlation: v.nullable(number),
    /** Mean of h(UW) − h(A). */
    bias: number,
    /** Share of inputs whose top class is the same for h(UW) and h(A). */
    top1Agreement: number,
    /** ‖A − UW‖ / ‖A‖ over the latents of whole inputs. */
    relativeError: number,
  }),
  concepts: v.array(ConceptSchema),
  /** Fits with other seeds, images and numbers of concepts; missing unless they were asked for. */
  robustness: v.exactOptional(RobustnessSchema),
  /** Inputs whose concept maps are stored as `maps` [examples, h, w, r], in this order. */
  examples: v.array(count),
  warnings: v.array(v.string()),
  /** Seconds of each stage; the only numbers here that differ between two runs. */
  timings: v.record(v.string(), number),
});

export type Explanation = v.InferOutput<typeof ExplanationSchema>;
