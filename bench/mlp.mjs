// Classifier heads of linear layers as ONNX bytes, with seeded weights that are also written out for the rivals.

import { create } from '@bufbuild/protobuf';
import { makeNode, valueInfo } from '../dist/onnx/build.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
} from '../dist/onnx/proto/onnx_pb.js';
import { encodeModel } from '../dist/onnx/proto/read.js';
import { random } from '../dist/tensor/random.js';
import { write } from './data.mjs';

const FLOAT = 1;

/**
 * Linear layers with an activation between them, on a vector or on the mean of a map.
 *
 * @param {{ widths: number[], activation: 'Relu' | 'Tanh', grid: number | null }} form - widths: of the
 *   latent, the hidden layers and the scores; grid: side of the map that is averaged; null: a vector.
 * @returns {{ model: Uint8Array, weights: string[] }} ONNX bytes, and a file of raw float32 for each layer:
 *   the matrix [out, in], then the bias [out].
 */
export function mlp(folder, { widths, activation, grid }) {
  const rng = random(5);
  const node = [];
  const initializer = [];
  const weights = [];
  let at = 'latent';
  const step = (op, inputs, attributes) => {
    const made = `t${node.length}`;
    node.push(makeNode(op, inputs, [made], attributes));
    at = made;
  };
  if (grid !== null) {
    step('GlobalAveragePool', [at]);
    step('Flatten', [at]);
  }
  for (let k = 0; k + 1 < widths.length; k++) {
    const [from, to] = [widths[k], widths[k + 1]];
    const values = Float32Array.from(
      { length: to * from + to },
      () => (2 * rng.uniform() - 1) * Math.sqrt(3 / from),
    );
    initializer.push(tensor(`W${k}`, values.subarray(0, to * from), [to, from]));
    initializer.push(tensor(`b${k}`, values.subarray(to * from), [to]));
    weights.push(write(folder, `layer${widths.length}-${widths[0]}-${k}.f32`, values));
    if (k > 0) step(activation, [at]);
    step('Gemm', [at, `W${k}`, `b${k}`], { transB: 1 });
  }
  const graph = create(GraphProtoSchema, {
    name: 'head',
    node,
    initializer,
    input: [valueInfo('latent', FLOAT, ['N', widths[0], ...(grid === null ? [] : [grid, grid])])],
    output: [valueInfo(at, FLOAT, ['N', widths.at(-1)])],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })];
  return { model: encodeModel(create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph })), weights };
}

function tensor(name, values, dims) {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return create(TensorProtoSchema, { name, dataType: FLOAT, dims: dims.map(BigInt), rawData });
}
