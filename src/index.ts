// craft-xai: concept-based explanation of neural classifiers. No I/O and no runtime here.

export type { ActivationSpace, ActivationStore, Activations, KeyedInputs } from './craft/activation-store.ts';
export type { AttributionMaps } from './craft/attribution/attribute.ts';
export { type EvaluateOptions, evaluate } from './craft/attribution/evaluate.ts';
export type { Evaluation } from './craft/attribution/evaluation.ts';
export type { MethodMaps } from './craft/attribution/example-maps.ts';
export { MAP_METHODS, type MapMethod, type MapOptions } from './craft/attribution/map-options.ts';
export type { MapTarget } from './craft/attribution/target.ts';
export type { GridLayer, Vjp, VjpOptions } from './craft/attribution/vjp.ts';
export type { CraftInputs, InputBatch } from './craft/batches.ts';
export type { Classifier, CutCheck, ImageSource, TextClassifier } from './craft/classifier.ts';
export { Craft, type Fit, type TransformOptions } from './craft/craft.ts';
export { type ExplainEffects, type ExplainResult, explain } from './craft/explain.ts';
export type { Concept, Explanation } from './craft/explanation.ts';
export type { FoldedHead, FoldFacts, FoldHead } from './craft/folded-head.ts';
export type { Importance, ImportanceOptions } from './craft/importance.ts';
export type { CraftOptions, Progress, RunOptions } from './craft/options.ts';
export { type Plan, planOf } from './craft/plan.ts';
export type { Reconstruction } from './craft/reconstruct.ts';
export type { ChildOrigin, DecomposeOptions, Shares, SharesOptions } from './craft/recursion/child.ts';
export type { Examination, TriedLayer, Verdict } from './craft/recursion/examine.ts';
export type { EarlierLayer } from './craft/recursion/layers.ts';
export type { ExamineOptions } from './craft/recursion/settings.ts';
export type { Split, SubConcept } from './craft/recursion/split-schema.ts';
export { type ExplainRequest, parseRequest } from './craft/request.ts';
export type { ImportancePath } from './craft/score-request.ts';
export { explainText, type TextResult } from './craft/text/explain-text.ts';
export type { LatentStorage, LatentWriter, MatrixSize } from './craft/text/latent-storage.ts';
export { withSplitSigns } from './craft/text/split-signs.ts';
export type { TextEffects } from './craft/text/text-effects.ts';
export type { TextConcept, TextExplanation } from './craft/text/text-explanation.ts';
export { parseTextRequest, type TextRequest } from './craft/text/text-request.ts';
export type { HeatmapOptions, TokenHeatmap } from './craft/text/token-heatmap.ts';
export type { TokenGradients, TokenVjp } from './craft/text/token-vjp.ts';
export { CraftError, type CraftErrorCode } from './errors.ts';
export type { KeyedBatch } from './inputs/keyed-batch.ts';
export type { SkippedText, TextItem, TextSource } from './inputs/text/text-source.ts';
export type { TextUnit, UnitKind } from './inputs/text/text-unit.ts';
export { textUnits, type UnitOptions, unitText } from './inputs/text/text-units.ts';
export type { TextWord, Tokens } from './inputs/text/tokens.ts';
export { textWords } from './inputs/text/words.ts';
export { type GroupDifference, groupDifference, type Reading, readConcepts } from './math/contrast.ts';
export { haltonDesign, latinHypercubeDesign, replicatedDesign, sobolDesign } from './math/designs.ts';
export { type ImplicitOptions, nnlsJvp, nnlsVjp } from './math/implicit.ts';
export { affineImportance, type ImportanceResult, signedEffect, sobolImportance } from './math/importance.ts';
export { type NmfOptions, type NmfResult, nmf } from './math/nmf.ts';
export { type NnlsOptions, nnls, nnlsStream } from './math/nnls.ts';
export type { RowSource } from './math/row-source.ts';
export { semiNmf } from './math/semi-nmf.ts';
export { glen, homma, janon, jansen, saltelli } from './math/sobol.ts';
export { type Completeness, completeness } from './metrics/completeness.ts';
export { type ConceptCurves, conceptCurves, conceptMasks, randomOrders } from './metrics/concept-curves.ts';
export type { Curve } from './metrics/curve.ts';
export { gradientActivation, tcavScores } from './metrics/directional.ts';
export { type MuFidelityOptions, muFidelity } from './metrics/mu-fidelity.ts';
export { type MaskScore, type PixelCurves, pixelCurves } from './metrics/pixel-curves.ts';
export { type Sparsity, sparsity } from './metrics/sparsity.ts';
export { type BankMatch, matchBanks } from './metrics/stability.ts';
export { type DeletionCurve, randomWordOrder, wordDeletion, wordOrder } from './metrics/word-deletion.ts';
export {
  explanationFromJson,
  explanationToJson,
  matricesFromBytes,
  matricesToBytes,
} from './store/explanation.ts';
export {
  textExplanationFromJson,
  textExplanationToJson,
  textMatricesFromBytes,
  textMatricesToBytes,
} from './store/text-explanation.ts';
export { type NumericArray, type Tensor, tensor } from './tensor/tensor.ts';
export { VERSION } from './version.ts';
