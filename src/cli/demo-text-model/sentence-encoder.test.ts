import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CraftError } from '../../errors.ts';
import { random } from '../../tensor/random.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { EMBEDDING_WIDTH } from './sentence-encoder.ts';
import { encoderModel } from './text-model.ts';

const WANTED = /weight "(.+)" \[([\d,]+)\]/;

/** Random weights of the names and shapes that the encoder asks for, one after the other. */
function randomWeights(): Map<string, Tensor> {
  const shapes = new Map<string, Tensor>();
  let complete = false;
  while (!complete) complete = isComplete(shapes); // each try adds one
  const rng = random(0);
  const filled = [...shapes].map(([name, { dims }]): [string, Tensor] => [
    name,
    { data: Float32Array.from({ length: sizeOf(dims) }, () => 0.2 * (rng.uniform() - 0.5)), dims },
  ]);
  return new Map(filled);
}

function isComplete(shapes: Map<string, Tensor>): boolean {
  try {
    encoderModel(shapes);
    return true;
  } catch (error) {
    const wanted = WANTED.exec((error as Error).message);
    if (!(error instanceof CraftError) || !wanted) throw error;
    shapes.set(wanted[1], { data: new Float32Array(), dims: wanted[2].split(',').map(Number) });
    return false;
  }
}

let weights: Map<string, Tensor>;
let session: ort.InferenceSession;
beforeAll(async () => {
  weights = randomWeights();
  session = await ort.InferenceSession.create(encoderModel(weights), { logSeverityLevel: 3 });
}, 60_000);
afterAll(() => session?.release());

/** Embeddings of pieces, 0 for padding. */
async function embed(rows: number[][]): Promise<Float32Array[]> {
  const dims = [rows.length, rows[0].length];
  const int64 = (values: number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const ids = rows.flat();
  const feeds = { input_ids: int64(ids), attention_mask: int64(ids.map((id) => (id > 0 ? 1 : 0))) };
  const { sentence_embedding: found } = await session.run(feeds);
  const data = found.data as Float32Array;
  return rows.map((_, n) => data.slice(n * EMBEDDING_WIDTH, (n + 1) * EMBEDDING_WIDTH));
}

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]) ** 2, 0));

describe('sentence encoder', () => {
  it('gives vectors of length 1', async () => {
    for (const row of await embed([
      [5, 6, 7],
      [8001, 9, 1],
    ])) {
      // float32 sums of 512 squares
      expect(distance(row, new Float32Array(EMBEDDING_WIDTH))).toBeCloseTo(1, 5);
    }
  });

  it('does not see padding', async () => {
    const [alone] = await embed([[5, 6, 7]]);
    const [padded] = await embed([
      [5, 6, 7, 0, 0, 0],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(distance(alone, padded)).toBeLessThan(1e-5); // float32, other orders of summing
  });

  it('reads the order of the pieces', async () => {
    const [one, other] = await embed([
      [5, 6, 7],
      [7, 6, 5],
    ]);
    expect(distance(one, other)).toBeGreaterThan(1e-3);
  });

  it('refuses a weight of another shape', () => {
    const [name] = weights.keys();
    const wrong = new Map(weights).set(name, { data: new Float32Array(4), dims: [2, 2] });
    expect(() => encoderModel(wrong)).toThrow(expect.objectContaining({ code: 'MODEL_FORMAT' }));
  });
});
