// Shape rules against the cases of the ONNX standard (Debian: libonnx-testdata): the dims and types that
// every case states for its outputs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { indexGraph } from '../graph.ts';
import { type ModelProto, type TensorProto, TensorProtoSchema } from '../proto/onnx_pb.ts';
import { decodeModel } from '../proto/read.ts';
import { valuesOf } from '../tensor-values.ts';
import { declared, propagate } from './propagate.ts';
import { shapeRules } from './rules.ts';
import { MAX_VALUES, type Value } from './value.ts';

const root = process.env.ONNX_TEST_DATA ?? '/usr/share/libonnx-testdata/data';
const here = existsSync(root);
if (!here)
  console.warn(`SKIPPED: cases of the ONNX standard are not at ${root} (apt install libonnx-testdata)`);

const folders = here
  ? ['node', 'pytorch-converted', 'pytorch-operator', 'simple'].flatMap((set) =>
      readdirSync(`${root}/${set}`).map((name) => `${root}/${set}/${name}`),
    )
  : [];

/** The cases give shapes, axes and scales as inputs: here they become constants, as models have them. */
function withConstantInputs(folder: string): ModelProto {
  const model = decodeModel(new Uint8Array(readFileSync(`${folder}/model.onnx`)));
  const graph = model.graph!;
  graph.input.forEach((input, i) => {
    const file = `${folder}/test_data_set_0/input_${i}.pb`;
    if (!existsSync(file)) return;
    let tensor: TensorProto;
    try {
      tensor = fromBinary(TensorProtoSchema, new Uint8Array(readFileSync(file)));
    } catch {
      return; // a sequence
    }
    const isSmall = valuesOf(tensor, MAX_VALUES) !== null;
    // some cases store bfloat16 under another type
    if (isSmall && tensor.dataType === declared(input, new Map()).type)
      graph.initializer.push(Object.assign(tensor, { name: input.name }));
  });
  return model;
}

/** What the file says of its outputs, taken out of it: the rules have to find it again. */
function statements(model: ModelProto): Map<string, Value> {
  const stated = new Map<string, Value>();
  for (const info of model.graph!.output) {
    const value = declared(info, new Map());
    if (value.dims) stated.set(info.name, value);
    delete info.type;
  }
  model.graph!.valueInfo = [];
  return stated;
}

describe.skipIf(!here)('shapes of the cases of the ONNX standard', () => {
  it('are never other than stated, and known wherever every op has a rule', () => {
    const wrong: string[] = [];
    const unknown: string[] = [];
    let right = 0;
    for (const folder of folders) {
      let model: ModelProto;
      try {
        model = withConstantInputs(folder);
      } catch {
        continue; // no model here
      }
      const stated = statements(model);
      const known = propagate(model, indexGraph(model).opset, new Map());
      const isCovered = model.graph!.node.every((n) => n.domain === '' && shapeRules.has(n.opType));
      for (const [output, { type, dims }] of stated) {
        const found = known.get(output)!;
        const name = `${folder.split('/').pop()} ${output}`;
        if (!found.dims) {
          if (isCovered) unknown.push(name);
        } else if (String(found.dims) !== String(dims) || found.type !== type) {
          wrong.push(`${name}: stated ${type} [${dims}], found ${found.type} [${found.dims}]`);
        } else right++;
      }
    }
    expect(wrong).toEqual([]);
    expect(unknown).toEqual([]);
    expect(right).toBeGreaterThan(900);
  });
});
