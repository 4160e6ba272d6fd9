// Models from outside may be damaged or made to harm: the answer is a result or a CraftError, in bounded work.

import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import { branchingNetwork, residualNetwork, visionTransformer } from '../../test/models/networks.ts';
import { CraftError } from '../errors.ts';
import { cutModel } from './cut.ts';
import { inspectModel } from './inspect.ts';
import { FunctionProtoSchema, ModelProtoSchema } from './proto/onnx_pb.ts';

/** Inspects, then cuts at the suggested layer; false if the model is refused. */
function survives(bytes: Uint8Array): boolean {
  try {
    const { suggested, layers } = inspectModel(bytes);
    const layer = suggested ?? layers[0]?.tensor;
    if (layer !== undefined) cutModel(bytes, layer);
    return true;
  } catch (error) {
    if (!(error instanceof CraftError)) throw error;
    return false;
  }
}

describe('a damaged model', () => {
  const models = {
    residual: residualNetwork().bytes(),
    transformer: visionTransformer('mean').bytes(),
    branches: branchingNetwork(false).bytes(),
    text: new Uint8Array(readFileSync(new URL('../../test/golden/models/text.onnx', import.meta.url))),
  };

  it.each(Object.entries(models))('with some bytes changed is read or refused: %s', (_, bytes) => {
    const change = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const damaged = bytes.slice();
        for (const { at, value } of changes) damaged[at] = value;
        if (survives(damaged)) read++;
      }),
      { numRuns: bytes.length > 50_000 ? 40 : 400 },
    );
    expect(read).toBeGreaterThan(0);
  });

  it('cut short anywhere is refused or read', () => {
    const bytes = models.residual;
    for (let length = 0; length < bytes.length; length += 37) survives(bytes.subarray(0, length));
  });
});

describe('a model made to harm', () => {
  it('with shapes of 2³¹ and more allocates nothing for them', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 3]);
    const huge = b.ints([2 ** 31, 2 ** 31, 2 ** 31]);
    b.node('ConstantOfShape', [huge], {}, 'zeros');
    b.node('Range', [b.ints([0], []), b.ints([2 ** 40], []), b.ints([1], [])], {}, 'counted');
    b.node('Tile', [b.ints([1]), b.ints([2 ** 40])], {}, 'tiled');
    b.output(b.node('Relu', [b.node('Expand', [b.node('Relu', [x]), huge])], {}, 'y'), null);
    expect(survives(b.bytes())).toBe(true);
  });

  it('with a tensor of a claimed size and no data is read', () => {
    const b = new GraphBuilder();
    b.output(
      b.node('Reshape', [b.node('Relu', [b.input('x', ['N', 4])]), b.ints([0, -1], [2], 'shape')], {}, 'y'),
      null,
    );
    const shape = b.graph.initializer.find((t) => t.name === 'shape')!;
    shape.rawData = new Uint8Array(0);
    shape.dims = [2n ** 40n];
    expect(survives(b.bytes())).toBe(true);
  });

  it('with ranks beyond any runtime is read', () => {
    const b = new GraphBuilder();
    const x = b.input(
      'x',
      Array.from({ length: 5000 }, (_, i) => `d${i}`),
    );
    b.output(b.node('Add', [b.node('Relu', [x]), b.node('Relu', [x])], {}, 'y'), null);
    expect(survives(b.bytes())).toBe(true);
  });

  it('with functions that call each other is read', () => {
    const model = residualNetwork().model();
    const call = (name: string) => {
      const body = new GraphBuilder();
      body.nodes(name, ['a'], ['b'], {}, 'own');
      body.nodes(name, ['b'], ['c'], {}, 'own');
      return body.graph.node;
    };
    for (let i = 0; i < 60; i++) {
      model.functions.push(
        create(FunctionProtoSchema, {
          name: `f${i}`,
          domain: 'own',
          input: ['a'],
          output: ['c'],
          node: call(`f${(i + 1) % 60}`),
        }),
      );
    }
    model.graph!.node.unshift(...new GraphBuilder().graph.node, ...call('f0').slice(0, 1));
    model.graph!.node[0].input = ['x'];
    expect(survives(toBinary(ModelProtoSchema, model))).toBe(true);
  });

  it('with nodes in a circle, or a tensor made twice, is refused', () => {
    const circle = new GraphBuilder();
    circle.nodes('Add', [circle.input('x', ['N', 3]), 'b'], ['a']);
    circle.nodes('Relu', ['a'], ['b']);
    circle.output('b', ['N', 3]);
    expect(() => inspectModel(circle.bytes())).toThrow(/topological order/);
    const twice = new GraphBuilder();
    twice.nodes('Relu', [twice.input('x', ['N', 3])], ['a']);
    twice.nodes('Relu', ['x'], ['a']);
    twice.output('a', ['N', 3]);
    expect(() => inspectModel(twice.bytes())).toThrow(/made once/);
  });

  it('with 50,000 nodes that are all live takes linear work', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 3]);
    const all = Array.from({ length: 50_000 }, () => b.node('Relu', [x]));
    b.output(b.node('Relu', [b.node('Sum', all, {}, 'sum')], {}, 'y'), ['N', 3]);
    expect(inspectModel(b.bytes()).layers.map((l) => l.tensor)).toEqual(['sum']);
    expect(() => cutModel(b.bytes(), all[all.length - 1])).toThrow(/and 49995 more/);
  });
});
