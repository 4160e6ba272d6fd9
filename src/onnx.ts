// craft-xai/onnx: what an ONNX model is, and the two halves of it. Bytes in, bytes out; no runtime.

export { type CutModel, type CutOptions, cutModel, type LatentInfo, ORIGINAL_WEIGHTS } from './onnx/cut.ts';
export { type DifferentiateOptions, differentiate } from './onnx/differentiate.ts';
export { inspectModel, type ModelInspection, type TensorInfo } from './onnx/inspect.ts';
export type { LayerInfo } from './onnx/layer.ts';
export type { Layout } from './onnx/layouts.ts';
export type { Reads } from './onnx/reads.ts';
export type { Dim } from './onnx/shapes/infer.ts';
