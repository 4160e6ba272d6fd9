import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../test/models/builder.ts';
import { indexGraph } from '../graph.ts';
import { FunctionProtoSchema, type ModelProto, OperatorSetIdProtoSchema } from '../proto/onnx_pb.ts';
import { inferShapes, type Shapes } from './infer.ts';

const shapesOf = (model: ModelProto): Shapes => inferShapes(indexGraph(model));

describe('inferShapes', () => {
  it('keeps the names of free dims, and says where a dim varies in another way', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 3, 'H', 'W']);
    const halved = b.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] }, 'halved');
    b.output(b.node('Relu', [halved], {}, 'y'), null);
    const shapes = shapesOf(b.model());
    expect(shapes.dimsOf('x')).toEqual(['N', 3, 'H', 'W']);
    expect(shapes.dimsOf('y')).toEqual(['N', 3, null, null]);
  });

  it('resolves the chain by which torch flattens: Shape, Gather, Unsqueeze, Concat, Reshape', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 4, 5]);
    const n = b.node('Gather', [b.node('Shape', [x]), b.ints([0], [])], { axis: 0 });
    const twenty = b.node('Div', [b.node('Mul', [b.ints([8], []), b.ints([5], [])]), b.ints([2], [])]);
    const shape = b.node(
      'Concat',
      [n, twenty].map((t) => b.node('Unsqueeze', [t, b.ints([0])])),
      { axis: 0 },
    );
    b.output(b.node('Reshape', [x, shape], {}, 'y'), null);
    expect(shapesOf(b.model()).dimsOf('y')).toEqual(['N', 20]);
  });

  it('evaluates the body of a function of the model with its attributes', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 4, 6]);
    b.nodes('Merge', [x], ['y'], { first: 2 }, 'own');
    b.output('y', null);
    const model = b.model();
    const body = new GraphBuilder();
    body.nodes('Flatten', ['a'], ['c'], { axis: 0 });
    body.graph.node[0].attribute[0].refAttrName = 'first';
    const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })];
    model.functions.push(
      create(FunctionProtoSchema, {
        name: 'Merge',
        domain: 'own',
        input: ['a'],
        output: ['c'],
        attribute: ['first'],
        node: body.graph.node,
        opsetImport,
      }),
    );
    expect(shapesOf(model).dimsOf('y')).toEqual([null, 6]);
  });

  it('knows the shape after a branch if both sides agree, or the condition is known', () => {
    const outcome = (thenDims: number[], condition?: number) => {
      const b = new GraphBuilder();
      const x = b.input('x', ['N', 4]);
      const branch = (dims: number[]) => {
        const inner = new GraphBuilder();
        inner.output(
          inner.node('Reshape', [x, inner.ints(dims, [dims.length], `s${dims}`)], {}, `r${dims}`),
          null,
        );
        return inner.graph;
      };
      const asked =
        condition === undefined
          ? b.node('Greater', [b.node('ReduceSum', [x], { keepdims: 0 }), b.floats([0], [])])
          : b.node('Equal', [b.ints([condition], []), b.ints([1], [])]);
      b.output(
        b.node('If', [asked], { then_branch: branch(thenDims), else_branch: branch([-1, 2]) }, 'y'),
        null,
      );
      return shapesOf(b.model()).dimsOf('y');
    };
    expect(outcome([0, 4])).toBeNull();
    expect(outcome([-1, 2])).toEqual([null, 2]);
    expect(outcome([0, 4], 1)).toEqual(['N', 4]);
    expect(outcome([0, 4], 0)).toEqual([null, 2]);
  });

  it('believes the file about ops that it does not know, and claims nothing else', () => {
    const b = new GraphBuilder();
    b.nodes('Strange', [b.input('x', ['N', 4])], ['a'], {}, 'own');
    b.node('Relu', ['a'], {}, 'b');
    b.nodes('Strange', ['b'], ['c'], {}, 'own');
    b.output(b.node('Relu', ['c'], {}, 'y'), ['N', 7]);
    const shapes = shapesOf(b.model());
    expect(shapes.dimsOf('b')).toBeNull();
    expect(shapes.dimsOf('y')).toEqual(['N', 7]);
  });

  it('gives no dims where shapes contradict each other', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 4]);
    b.node('Add', [x, b.weights([1, 5])], {}, 'added');
    b.node('MatMul', [x, b.weights([5, 2])], {}, 'multiplied');
    b.output(b.node('Reshape', [x, b.ints([3, 7])], {}, 'y'), null);
    const shapes = shapesOf(b.model());
    expect(['added', 'multiplied', 'y'].map((t) => shapes.dimsOf(t))).toEqual([null, null, null]);
  });

  it('follows the fused ops of onnxruntime', () => {
    const b = new GraphBuilder();
    const ids = b.input('ids', ['N', 'T'], 6);
    const types = b.input('types', ['N', 'T'], 6);
    const table = b.weights([10, 8]);
    const contrib = (op: string, inputs: string[], attributes = {}) =>
      b.nodes(op, inputs, [op], attributes, 'com.microsoft')[0];
    const embedded = contrib('EmbedLayerNormalization', [
      ids,
      types,
      table,
      table,
      table,
      b.weights([8]),
      b.weights([8]),
    ]);
    const attended = contrib('Attention', [embedded, b.weights([8, 24]), b.weights([24])], { num_heads: 2 });
    const normed = contrib('SkipLayerNormalization', [attended, embedded, b.weights([8]), b.weights([8])]);
    b.output(contrib('BiasGelu', [normed, b.weights([8])]), null);
    const shapes = shapesOf(b.model());
    for (const op of ['EmbedLayerNormalization', 'Attention', 'SkipLayerNormalization', 'BiasGelu']) {
      expect([op, shapes.typeOf(op), shapes.dimsOf(op)]).toEqual([op, 1, ['N', 'T', 8]]);
    }
  });

  it('moves dims together that inputs have to agree on, whatever their names', () => {
    const b = new GraphBuilder();
    const ids = b.input('ids', ['batch_1', 'length_1', 4]);
    const mask = b.input('mask', ['batch_2', 'length_2', 1]);
    b.output(b.node('Mul', [ids, mask], {}, 'y'), null);
    expect(shapesOf(b.model()).dimsOf('y')).toEqual(['batch_1', 'length_1', 4]);
  });

  it('never takes one of many free dims for a fixed one', () => {
    const b = new GraphBuilder();
    const names = Array.from({ length: 8 }, (_, i) => b.input(`x${i}`, [3, `free${i}`]));
    b.output(b.node('Concat', names, { axis: 0 }, 'y'), null);
    const shapes = shapesOf(b.model());
    for (const name of names) expect(typeof shapes.dimsOf(name)?.[1]).toBe('string');
  });
});
