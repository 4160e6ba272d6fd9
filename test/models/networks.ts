// Small networks of the kinds that are met in practice, with random weights.

import { DataType } from '../../src/onnx/proto/constants.ts';
import { GraphBuilder } from './builder.ts';

const conv3 = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** Conv, then a residual block, global pool, linear: `stem`, `block` and `pooled` are cuts, `inner` is not. */
export function residualNetwork(batch: number | string = 'N', seed = 1): GraphBuilder {
  const b = new GraphBuilder(seed);
  const x = b.input('x', [batch, 3, 12, 12]);
  const stem = b.node(
    'Relu',
    [b.node('Conv', [x, b.weights([8, 3, 3, 3])], { ...conv3, strides: [2, 2] })],
    {},
    'stem',
  );
  const inner = b.node('Relu', [b.node('Conv', [stem, b.weights([8, 8, 3, 3])], conv3)], {}, 'inner');
  const second = b.node('Conv', [inner, b.weights([8, 8, 3, 3])], conv3);
  const block = b.node('Relu', [b.node('Add', [stem, second], {}, 'sum')], {}, 'block');
  const pooled = b.node('GlobalAveragePool', [block], {}, 'pooled');
  const flat = b.node('Flatten', [pooled], {}, 'flat');
  const logits = b.node('Gemm', [flat, b.weights([8, 5]), b.weights([5])], {}, 'logits');
  b.output(b.node('Softmax', [logits], { axis: 1 }, 'probabilities'), [batch, 5]);
  return b;
}

/**
 * A vision transformer of one block on 8 × 8 images in 2 × 2 patches, with a CLS token that is expanded
 * to the batch by Shape(x), heads made by Reshape to Shape(tokens), and a classifier on the CLS token or
 * on the mean of the others.
 */
export function visionTransformer(head: 'cls' | 'mean' = 'cls', batch: number | string = 'N'): GraphBuilder {
  const b = new GraphBuilder(7);
  const width = 8;
  const heads = 2;
  const x = b.input('x', [batch, 3, 8, 8]);
  const patches = b.node(
    'Conv',
    [x, b.weights([width, 3, 2, 2])],
    { kernel_shape: [2, 2], strides: [2, 2] },
    'patches',
  );
  const flat = b.node('Reshape', [patches, b.ints([0, width, -1])], {}, 'patches_flat');
  const tokens = b.node('Transpose', [flat], { perm: [0, 2, 1] }, 'patch_tokens');
  const n = b.node('Gather', [b.node('Shape', [x], {}, 'shape_of_x'), b.ints([0])], { axis: 0 });
  const clsShape = b.node('Concat', [n, b.ints([-1, -1])], { axis: 0 });
  const one = b.ints([1]);
  const wanted = b.node('Where', [b.node('Equal', [clsShape, b.ints([-1])]), one, clsShape]);
  const cls = b.node('Expand', [b.weights([1, 1, width]), wanted]);
  const joined = b.node('Concat', [cls, tokens], { axis: 1 });
  const embedded = b.node('Add', [joined, b.weights([1, 17, width])], {}, 'embedded');

  const normed = b.node(
    'LayerNormalization',
    [embedded, b.floats(new Float32Array(width).fill(1), [width])],
    { axis: -1 },
  );
  const dim = (axis: number): string =>
    b.node('Gather', [b.node('Shape', [embedded]), b.ints([axis])], { axis: 0 });
  const split = b.node('Concat', [dim(0), dim(1), b.ints([heads, width / heads])], { axis: 0 });
  const project = (perm: number[]): string =>
    b.node('Transpose', [b.node('Reshape', [b.node('MatMul', [normed, b.weights([width, width])]), split])], {
      perm,
    });
  const scores = b.node('MatMul', [project([0, 2, 1, 3]), project([0, 2, 3, 1])]);
  const mixed = b.node('MatMul', [b.node('Softmax', [scores], { axis: -1 }), project([0, 2, 1, 3])]);
  const merged = b.node('Concat', [dim(0), dim(1), b.ints([width])], { axis: 0 });
  const joinedHeads = b.node('Reshape', [b.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), merged]);
  const attended = b.node(
    'Add',
    [embedded, b.node('MatMul', [joinedHeads, b.weights([width, width])])],
    {},
    'attended',
  );
  const hidden = b.node(
    'LayerNormalization',
    [attended, b.floats(new Float32Array(width).fill(1), [width])],
    { axis: -1 },
    'hidden',
  );
  const read =
    head === 'cls'
      ? b.node('Gather', [hidden, b.ints([0], [])], { axis: 1 }, 'cls')
      : b.node(
          'ReduceMean',
          [b.node('Slice', [hidden, b.ints([1]), b.ints([2 ** 40]), b.ints([1])])],
          { axes: [1], keepdims: 0 },
          'mean',
        );
  b.output(b.node('Gemm', [read, b.weights([width, 4])], {}, 'logits'), [batch, 4]);
  return b;
}

/** Channels last, as TensorFlow has them: transposes around the convolution, mean over axes 1 and 2. */
export function channelsLastNetwork(): GraphBuilder {
  const b = new GraphBuilder(3);
  const x = b.input('x', ['N', 10, 10, 3]);
  const first = b.node('Transpose', [x], { perm: [0, 3, 1, 2] }, 'first');
  const conv = b.node('Conv', [first, b.weights([6, 3, 3, 3])], conv3);
  const last = b.node('Transpose', [conv], { perm: [0, 2, 3, 1] }, 'last');
  const map = b.node('Relu', [last], {}, 'map');
  const pooled = b.node('ReduceMean', [map], { axes: [1, 2], keepdims: 0 }, 'pooled');
  b.output(b.node('MatMul', [pooled, b.weights([6, 3])], {}, 'logits'), ['N', 3]);
  return b;
}

/** float16 throughout: input, weights and output. */
export function halfPrecisionNetwork(): GraphBuilder {
  const b = new GraphBuilder(4);
  const x = b.input('x', ['N', 3, 8, 8]);
  const half = (name: string): string => b.node('Cast', [name], { to: DataType.FLOAT16 });
  const conv = b.node('Conv', [half(x), half(b.weights([6, 3, 3, 3]))], conv3);
  const map = b.node('Relu', [conv], {}, 'map');
  const flat = b.node('Flatten', [b.node('GlobalAveragePool', [map])]);
  b.output(b.node('Gemm', [flat, half(b.weights([6, 4]))], {}, 'logits'), ['N', 4], DataType.FLOAT16);
  return b;
}

/** A branch (If) after the cut that takes `scale`, and with `capture` also a tensor before the cut, from outside. */
export function branchingNetwork(capture: boolean): GraphBuilder {
  const b = new GraphBuilder(5);
  const x = b.input('x', ['N', 6]);
  const early = b.node('Relu', [b.node('MatMul', [x, b.weights([6, 6])])], {}, 'early');
  const late = b.node('Relu', [b.node('MatMul', [early, b.weights([6, 6])])], {}, 'late');
  const scale = b.floats([0.5], [1], 'scale');
  const branch = (op: string): GraphBuilder['graph'] => {
    const inner = new GraphBuilder();
    const scaled = inner.node(op, [late, capture ? early : scale], {}, `branch_${op}`);
    inner.output(scaled, ['N', 6]);
    return inner.graph;
  };
  const sum = b.node('ReduceSum', [late], { keepdims: 0 });
  const condition = b.node('Greater', [sum, b.floats([1], [])]);
  const chosen = b.node(
    'If',
    [condition],
    { then_branch: branch('Mul'), else_branch: branch('Add') },
    'chosen',
  );
  b.output(b.node('MatMul', [chosen, b.weights([6, 3])], {}, 'logits'), ['N', 3]);
  return b;
}

/** One weight matrix used on both sides of the cut `middle`; `opset` 9 and later alike. */
export function sharedWeightsNetwork(): GraphBuilder {
  const b = new GraphBuilder(6);
  const x = b.input('x', ['N', 32]);
  const shared = b.weights([32, 32], 'shared');
  const middle = b.node('Tanh', [b.node('MatMul', [x, shared])], {}, 'middle');
  const late = b.node('Tanh', [b.node('MatMul', [middle, shared])], {}, 'late');
  b.output(b.node('MatMul', [late, b.weights([32, 3])], {}, 'logits'), ['N', 3]);
  return b;
}

/** A map of any height and width: a head that flattens by Shape(x), as torch exports adaptive code. */
export function anySizeNetwork(): GraphBuilder {
  const b = new GraphBuilder(8);
  const x = b.input('x', ['N', 3, 'H', 'W']);
  const down = b.node(
    'Conv',
    [x, b.weights([4, 3, 2, 2])],
    { kernel_shape: [2, 2], strides: [2, 2] },
    'down',
  );
  const map = b.node('Relu', [down], {}, 'map');
  const n = b.node('Gather', [b.node('Shape', [x]), b.ints([0])], { axis: 0 });
  const flat = b.node('Reshape', [map, b.node('Concat', [n, b.ints([4, -1])], { axis: 0 })], {}, 'places');
  const pooled = b.node('ReduceMean', [flat], { axes: [2], keepdims: 0 }, 'pooled');
  b.output(b.node('Gemm', [pooled, b.weights([4, 3])], {}, 'logits'), ['N', 3]);
  return b;
}

/** The head resizes the map back to the size of the input: its height follows from the map's only if even. */
export function segmentationNetwork(): GraphBuilder {
  const b = new GraphBuilder(9);
  const x = b.input('x', ['N', 3, 'H', 'W']);
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const map = b.node(
    'MaxPool',
    [b.node('Relu', [b.node('Conv', [x, b.weights([4, 3, 3, 3])], conv3)])],
    pool,
    'map',
  );
  const size = b.node('Slice', [b.node('Shape', [x]), b.ints([2]), b.ints([4])]);
  const channels = b.node(
    'Concat',
    [b.node('Slice', [b.node('Shape', [map]), b.ints([0]), b.ints([2])]), size],
    { axis: 0 },
  );
  const resized = b.node('Resize', [map, '', '', channels], { mode: 'nearest' }, 'resized');
  const flat = b.node('Flatten', [b.node('GlobalMaxPool', [resized])]);
  b.output(b.node('Gemm', [flat, b.weights([4, 3])], {}, 'logits'), ['N', 3]);
  return b;
}

/** Quantized as exporters do it: every activation through QuantizeLinear and DequantizeLinear. */
export function quantizedNetwork(): GraphBuilder {
  const b = new GraphBuilder(10);
  const scale = b.floats([1 / 64], []);
  const zero = b.bytes8([0], []);
  const quantize = (t: string, name: string): string =>
    b.node('DequantizeLinear', [b.node('QuantizeLinear', [t, scale, zero]), scale, zero], {}, name);
  const x = b.input('x', ['N', 3, 6, 6]);
  const map = quantize(
    b.node('Relu', [b.node('Conv', [x, b.weights([4, 3, 3, 3])], conv3)], {}, 'relu'),
    'map',
  );
  const flat = b.node('Flatten', [quantize(b.node('GlobalAveragePool', [map]), 'pooled')]);
  const logits = b.node('Gemm', [flat, b.weights([4, 3])], {}, 'logits');
  b.output(quantize(b.node('Softmax', [logits], { axis: 1 }), 'probabilities'), ['N', 3]);
  return b;
}
