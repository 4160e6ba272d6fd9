// The rest of a head, fed with coefficients in place of a latent.

import { int64Tensor, makeNode, valueInfo } from './build.ts';
import { DataType } from './proto/constants.ts';
import type { ModelProto } from './proto/onnx_pb.ts';

/** Names of the inputs that the tail has in place of the tensor that it begins at. */
export const TAIL_INPUTS = {
  coefficients: 'fold/coefficients',
  basis: 'fold/basis',
  offset: 'fold/offset',
} as const;

/**
 * Puts t = offset + coefficients · basis in front of a model that reads t, so that the product and all that
 * follows runs in the engine: coefficients [B, r], basis [r, q], offset [q].
 *
 * @param tail - changed: it loses the input t and gains the three.
 * @param input - name of t.
 * @param dims - of t, batch first; q is the product of the others.
 */
export function feedWithCoefficients(tail: ModelProto, input: string, dims: readonly number[]): void {
  const graph = tail.graph!;
  const { coefficients, basis, offset } = TAIL_INPUTS;
  const width = dims.slice(1).reduce((q, d) => q * d, 1);
  const target = int64Tensor('fold/dims', dims);
  graph.initializer.push(target);
  graph.node.unshift(
    makeNode('MatMul', [coefficients, basis], ['fold/product']),
    makeNode('Add', ['fold/product', offset], ['fold/sum']),
    makeNode('Reshape', ['fold/sum', target.name], [input]),
  );
  graph.input = [
    valueInfo(coefficients, DataType.FLOAT, ['fold_rows', 'fold_rank']),
    valueInfo(basis, DataType.FLOAT, ['fold_rank', width]),
    valueInfo(offset, DataType.FLOAT, [width]),
  ];
}
