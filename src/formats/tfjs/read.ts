// Weights of a TensorFlow.js graph model: model.json names them in order, the shards hold their bytes.
//
// Format: https://github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (WeightsManifestConfig).

import * as v from 'valibot';
import { CraftError } from '../../errors.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';

const MAX_WEIGHTS = 100_000;
const MAX_RANK = 8;

const dim = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1));
const WeightSchema = v.object({
  name: v.string(),
  shape: v.pipe(v.array(dim), v.maxLength(MAX_RANK)),
  dtype: v.picklist(['float32', 'int32']),
  // 8- and 16-bit weights would need their scale applied
  quantization: v.optional(v.undefined_()),
});
const ManifestSchema = v.object({
  weightsManifest: v.array(
    v.object({
      paths: v.pipe(v.array(v.string()), v.minLength(1)),
      weights: v.pipe(v.array(WeightSchema), v.maxLength(MAX_WEIGHTS)),
    }),
  ),
});

const arrays = { float32: Float32Array, int32: Int32Array } as const;
const BYTES = 4; // of an element of either type

/** Names of the shards that a model.json refers to, in order. @throws {@link CraftError} `MODEL_FORMAT`. */
export function tfjsShards(modelJson: unknown): string[] {
  return manifestOf(modelJson).flatMap(({ paths }) => paths);
}

/**
 * The weights of a graph model, by the names of its GraphDef.
 *
 * @param modelJson - model.json, parsed.
 * @param shards - bytes of every shard, by the name that model.json gives it.
 * @returns float32 and int32 tensors; each is a copy, so that no shard is kept.
 * @throws {@link CraftError} `MODEL_FORMAT` if the manifest is none, a shard is missing, two weights have one
 *   name, or the shards are not as long as the weights say; `MODEL_UNSUPPORTED` for quantised weights.
 */
export function readTfjsWeights(
  modelJson: unknown,
  shards: ReadonlyMap<string, Uint8Array>,
): Map<string, Tensor<Float32Array | Int32Array>> {
  const found = new Map<string, Tensor<Float32Array | Int32Array>>();
  for (const { paths, weights } of manifestOf(modelJson)) {
    const bytes = joined(paths, shards);
    let offset = 0;
    for (const { name, shape, dtype } of weights) {
      const size = sizeOf(shape) * BYTES;
      if (found.has(name)) throw malformed('weights of different names', `two called "${name}"`);
      if (!(size <= bytes.length - offset)) {
        throw malformed(`${size} bytes for "${name}" [${shape}]`, `${bytes.length - offset} left`);
      }
      found.set(name, {
        data: new arrays[dtype](bytes.slice(offset, offset + size).buffer),
        dims: shape,
      });
      offset += size;
    }
    if (offset !== bytes.length) throw malformed(`shards of ${offset} bytes`, `${bytes.length}`);
  }
  return found;
}

function manifestOf(modelJson: unknown): v.InferOutput<typeof ManifestSchema>['weightsManifest'] {
  const result = v.safeParse(ManifestSchema, modelJson);
  if (result.success) return result.output.weightsManifest;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? 'model.json';
  if (/quantization|dtype/.test(path)) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `readTfjsWeights, ${path}: expected plain float32 or int32 weights; got ${issue.received}`,
    );
  }
  throw malformed(`${issue.expected ?? 'a weights manifest'} at ${path}`, String(issue.received));
}

function joined(paths: readonly string[], shards: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = paths.map((path) => {
    const part = shards.get(path);
    if (!part) throw malformed(`the shard ${path}`, `${[...shards.keys()].join(', ') || 'none'}`);
    return part;
  });
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function malformed(expected: string, got: string): CraftError {
  return new CraftError('MODEL_FORMAT', `readTfjsWeights: expected ${expected}; got ${got}`);
}
