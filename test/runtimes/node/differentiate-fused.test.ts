// Fused ops: gradients of what they stand for, against central differences of the fused op itself.

import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelProtoSchema, OperatorSetIdProtoSchema } from '../../../src/onnx/proto/onnx_pb.ts';
import { inspectModel } from '../../../src/onnx.ts';
import { GraphBuilder } from '../../models/builder.ts';
import type { OpInput } from '../../models/op-case.ts';
import { modelDeviation } from './gradients.ts';

type Attributes = Parameters<GraphBuilder['node']>[2];

interface FusedCase {
  readonly op: string;
  readonly dims: readonly (readonly number[])[];
  /** Constants after the inputs; null leaves an input out. */
  readonly weights?: readonly (readonly number[] | null)[];
  readonly attributes?: Attributes;
  readonly domain?: string;
  readonly opset?: number;
}

/** Inputs are divided by 4: at the sizes of the cases, the exponentials of Softmax stay smooth. */
function fusedModel({
  op,
  dims,
  weights = [],
  attributes = {},
  domain = 'com.microsoft',
  opset = 20,
}: FusedCase) {
  const b = new GraphBuilder(5);
  const quarter = b.floats([0.25], []);
  const x = dims.map((d, i) => b.node('Mul', [b.input(`x${i}`, d), quarter]));
  const constants = weights.map((w) => (w ? b.weights(w) : ''));
  const [y] = b.nodes(op, [...x, ...constants], ['y'], attributes, domain);
  b.output(y, null);
  const model = b.model(opset, 10);
  if (domain) model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
  return toBinary(ModelProtoSchema, model);
}

const tokens = [2, 3, 4];

const cases: FusedCase[] = [
  { op: 'Gelu', dims: [[2, 5]] },
  { op: 'BiasGelu', dims: [[2, 5], [5]] },
  { op: 'FastGelu', dims: [[2, 5], [5]] },
  { op: 'FastGelu', dims: [[2, 5]] },
  { op: 'QuickGelu', dims: [[2, 5]], attributes: { alpha: { float: 1.5 } } },
  { op: 'HardSwish', dims: [[2, 5]], domain: '' },
  {
    op: 'FusedMatMul',
    dims: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    attributes: { transB: 1, alpha: { float: 0.5 } },
  },
  {
    op: 'FusedMatMul',
    dims: [
      [4, 3],
      [4, 5],
    ],
    attributes: { transA: 1 },
  },
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB): FusedCase => {
      // rows first, then a batch of 2 × 2
      const dims = [transA ? [5, 2, 2, 3] : [3, 2, 2, 5], transB ? [4, 2, 2, 5] : [5, 2, 2, 4]];
      return { op: 'FusedMatMul', dims, attributes: { transA, transB, transBatchA: 1, transBatchB: 1 } };
    }),
  ),
  {
    op: 'SkipLayerNormalization',
    dims: [tokens, tokens],
    weights: [[4], [4], [4]],
    attributes: { epsilon: { float: 0.01 } },
  },
  {
    op: 'SkipSimplifiedLayerNormalization',
    dims: [tokens, tokens],
    weights: [[4]],
    attributes: { epsilon: { float: 0.01 } },
  },
  {
    op: 'SimplifiedLayerNormalization',
    dims: [tokens],
    weights: [[4]],
    attributes: { epsilon: { float: 0.01 } },
    domain: '',
  },
  {
    op: 'FusedConv',
    dims: [[1, 2, 4, 4]],
    weights: [[3, 2, 3, 3], [3]],
    attributes: { activation: 'Sigmoid', kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  },
  {
    op: 'FusedGemm',
    dims: [[2, 3]],
    weights: [[3, 4], [4]],
    attributes: { activation: 'LeakyRelu', activation_alpha: { float: 0.3 } },
  },
  { op: 'FusedGemm', dims: [[2, 3]], weights: [[3, 4], [4]], attributes: { activation: 'Tanh' } },
  { op: 'Attention', dims: [tokens], weights: [[4, 12], [12]], attributes: { num_heads: 2 } },
  { op: 'MultiHeadAttention', dims: [tokens, [2, 5, 4], [2, 5, 4]], attributes: { num_heads: 2 } },
  {
    op: 'MultiHeadAttention',
    dims: [tokens, tokens, tokens],
    weights: [null, null, [1, 2, 3, 3]],
    attributes: { num_heads: 2 },
  },
  {
    op: 'Attention',
    dims: [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
      [2, 2, 5, 4],
    ],
    domain: '',
    opset: 23,
  },
  {
    op: 'Attention',
    dims: [tokens, tokens, tokens],
    weights: [[3, 3]],
    attributes: { q_num_heads: 2, kv_num_heads: 2, scale: { float: 0.7 } },
    domain: '',
    opset: 23,
  },
];

const nameOf = ({ attributes }: FusedCase): string =>
  attributes?.activation ? ` with ${attributes.activation}` : '';

describe('the gradient of a fused op', () => {
  it.each(cases.map((c) => [`${c.op}${nameOf(c)} of ${c.dims.length} inputs`, c] as const))(
    '%s',
    async (_, c) => {
      const inputs: OpInput[] = c.dims.map((dims) => ({ dims }));
      // as in differentiate-ops.test.ts; the fused ops round more, FastGelu most
      expect(await modelDeviation(fusedModel(c), inputs)).toBeLessThan(5e-3);
    },
  );

  it('is refused by name where the form is not known', () => {
    const causal = fusedModel({
      op: 'Attention',
      dims: [tokens],
      weights: [[4, 12], [12]],
      attributes: { num_heads: 2, unidirectional: 1 },
    });
    expect(inspectModel(causal).gradients).toEqual({
      supported: false,
      missingOps: ['com.microsoft.Attention'],
    });
  });
});
