import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { goldenPath } from '../../test/golden/npy.ts';
import { GraphBuilder } from '../../test/models/builder.ts';
import * as heads from '../../test/models/heads.ts';
import { halfPrecisionNetwork, quantizedNetwork } from '../../test/models/networks.ts';
import { CraftError } from '../errors.ts';
import { random } from '../tensor/random.ts';
import { cutModel } from './cut.ts';
import { foldHead, type HeadFold, TAIL_INPUTS } from './fold.ts';
import { decodeModel } from './proto/read.ts';

const uniform = (dims: number[], seed = 1): ort.Tensor => {
  const rng = random(seed);
  const size = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: size }, () => rng.uniform()),
    dims,
  );
};

async function run(model: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const result = await session.run(feeds);
  await session.release();
  return result[session.outputNames[0]] as ort.Tensor;
}

/** tail(P(x)), the product with an identity of coefficients in between. */
async function joined({ prefix, tail, width }: HeadFold, latent: ort.Tensor): Promise<Float32Array> {
  const t = prefix ? await run(prefix.model, { [prefix.input]: latent }) : latent;
  if (!tail) return t.data as Float32Array;
  const rows = latent.dims[0];
  const eye = Float32Array.from({ length: rows * rows }, (_, k) => (k % (rows + 1) === 0 ? 1 : 0));
  const score = await run(tail.model, {
    [TAIL_INPUTS.coefficients]: new ort.Tensor('float32', eye, [rows, rows]),
    [TAIL_INPUTS.basis]: new ort.Tensor('float32', t.data as Float32Array, [rows, width]),
    [TAIL_INPUTS.offset]: new ort.Tensor('float32', new Float32Array(width), [width]),
  });
  return score.data as Float32Array;
}

/** Largest difference of the fold's scores from a column of the head's. */
async function difference(head: GraphBuilder, dims: number[], classId: number): Promise<number> {
  const latent = uniform([3, ...dims]);
  const bytes = head.bytes();
  const whole = await run(bytes, { latent });
  const scores = await joined(foldHead(bytes, { classId, rank: 3 })!, latent);
  const classes = whole.data.length / 3;
  return scores.reduce(
    (most, s, n) => Math.max(most, Math.abs(s - Number(whole.data[n * classes + classId]))),
    0,
  );
}

/** Scores of order 1 in float32, summed in another order. */
const SAME = 1e-5;

/** latent [N, 6] → linear → ReLU → `layer` → scores [N, 4]. */
function lastLayer(layer: (b: GraphBuilder, x: string) => string): GraphBuilder {
  const b = new GraphBuilder(2);
  const x = b.node('Relu', [b.node('MatMul', [b.input('latent', ['N', 6]), b.weights([6, 6])])]);
  b.output(layer(b, x), ['N', 4]);
  return b;
}

describe('the score of one class', () => {
  it.each<[string, (b: GraphBuilder, x: string) => string, isNarrow: boolean]>([
    ['Gemm', (b, x) => b.node('Gemm', [x, b.weights([6, 4]), b.weights([4])]), true],
    [
      'Gemm, transposed',
      (b, x) => b.node('Gemm', [x, b.weights([4, 6]), b.weights([1, 4])], { transB: 1 }),
      true,
    ],
    ['Gemm without bias', (b, x) => b.node('Gemm', [x, b.weights([6, 4])]), true],
    [
      'Gemm with one bias for all',
      (b, x) => b.node('Gemm', [x, b.weights([6, 4]), b.floats([0.3], [1])]),
      true,
    ],
    ['MatMul', (b, x) => b.node('MatMul', [x, b.weights([6, 4])]), true],
    [
      'MatMul, Add',
      (b, x) => b.node('Add', [b.node('MatMul', [x, b.weights([6, 4])]), b.weights([4])]),
      true,
    ],
    [
      'Add, MatMul',
      (b, x) => b.node('Add', [b.floats([0.5], []), b.node('MatMul', [x, b.weights([6, 4])])]),
      true,
    ],
    ['Transposed weights', (b, x) => b.node('MatMul', [x, b.node('Transpose', [b.weights([4, 6])])]), true],
    ['Softmax', (b, x) => b.node('Softmax', [b.node('MatMul', [x, b.weights([6, 4])])], { axis: 1 }), false],
  ])('is that of the head: %s', async (_, layer, isNarrow) => {
    const model = lastLayer(layer);
    for (const classId of [0, 3]) expect(await difference(model, [6], classId)).toBeLessThan(SAME);
    const { tail } = foldHead(model.bytes(), { classId: 3, rank: 3 })!;
    const ops = decodeModel(tail!.model).graph!.node.map((node) => node.opType);
    // of a last layer that is linear only a part is computed; of another one, all
    expect(ops.includes('Flatten')).toBe(!isNarrow);
  });

  it('is taken from all scores where something else reads the product', async () => {
    const model = lastLayer((b, x) => {
      const product = b.node('MatMul', [x, b.weights([6, 4])]);
      return b.node('Add', [product, b.node('ReduceMax', [product], { axes: [1] })]);
    });
    expect(await difference(model, [6], 2)).toBeLessThan(SAME);
  });
});

describe('the cut of a fold', () => {
  it('is after a layer that widens, as that would run for every mask otherwise', async () => {
    const b = new GraphBuilder(3);
    const flat = b.node('Flatten', [b.node('GlobalAveragePool', [b.input('latent', ['N', 6, 3, 3])])]);
    const hidden = b.node('Relu', [b.node('Gemm', [flat, b.weights([6, 100])])]);
    b.output(b.node('Gemm', [hidden, b.weights([100, 4])], {}, 'logits'), ['N', 4]);
    expect(foldHead(b.bytes(), { classId: 0, rank: 3 })).toMatchObject({ width: 100, isVector: true });
    expect(await difference(b, [6, 3, 3], 1)).toBeLessThan(SAME);
  });

  it('is before one that only repeats', async () => {
    const b = new GraphBuilder(3);
    const flat = b.node('Gemm', [b.input('latent', ['N', 6]), b.weights([6, 8])]);
    const wide = b.node('Tile', [flat, b.ints([1, 50])]);
    b.output(b.node('Gemm', [b.node('Relu', [wide]), b.weights([400, 4])], {}, 'logits'), ['N', 4]);
    expect(foldHead(b.bytes(), { classId: 0, rank: 3 })?.width).toBe(8);
    expect(await difference(b, [6], 1)).toBeLessThan(SAME);
  });

  it('is the score itself where the head is affine', () => {
    const fold = foldHead(heads.resnetHead().bytes(), { classId: 0, rank: 3 });
    expect(fold).toMatchObject({ tail: null, width: 1, isVector: true, batch: null });
    expect(foldHead(heads.resnetHead(2).bytes(), { classId: 0, rank: 3 })?.batch).toBe(2);
  });

  it('is not there in half precision, in quantized heads, and before opset 5', () => {
    for (const network of [halfPrecisionNetwork(), quantizedNetwork()]) {
      const layer = network.graph.node.find((node) => node.opType === 'GlobalAveragePool')!.input[0];
      const { head } = cutModel(network.bytes(), layer);
      expect(foldHead(head, { classId: 0, rank: 3 })).toBeNull();
    }
    expect(foldHead(heads.resnetHead().bytes(4), { classId: 0, rank: 3 })).toBeNull();
  });
});

describe('a head that is no head', () => {
  it('is refused with a CraftError, or folded, never anything else', () => {
    const bytes = new Uint8Array(readFileSync(goldenPath('models/text.h.onnx')));
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 255 }), fc.boolean(), (at, value, isCut) => {
        const place = at % bytes.length;
        const damaged = isCut ? bytes.slice(0, place) : bytes.with(place, value);
        try {
          foldHead(damaged, { classId: 1, rank: 4 });
        } catch (error) {
          expect(error).toBeInstanceOf(CraftError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
