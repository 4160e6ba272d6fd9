import { inspectModel } from '../../onnx/inspect.ts';

/**
 * The first vector after `layer` that is never negative, as the ReLU of a head is; null if there is none, or it is
 * `layer` itself.
 */
export function reluLayerAfter(model: Uint8Array, layer: string): string | null {
  const { layers } = inspectModel(model);
  const at = layers.findIndex(({ tensor }) => tensor === layer);
  if (at < 0 || layers[at].nonNegative === true) return null;
  const later = layers.slice(at + 1);
  return later.find(({ nonNegative, layout }) => nonNegative === true && layout === 'NC')?.tensor ?? null;
}
