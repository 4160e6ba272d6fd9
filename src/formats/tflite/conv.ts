// CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV: NHWC with weights OHWI or 1HWO, to NCHW with OIHW.

import { activationOf, withActivation } from './activation.ts';
import { malformed } from './fail.ts';
import type { Importer } from './importer.ts';
import type { Quantisation, TfliteOperator } from './read.ts';
import { Padding } from './schema.ts';

/** Pads at the top or left and at the bottom or right, and the size that results. */
export interface Window {
  readonly begin: number;
  readonly end: number;
  readonly size: number;
}

/**
 * How a window of `kernel` cells, `dilation` apart, slides over `size` cells.
 *
 * SAME gives ⌈size / stride⌉ positions and the odd pad at the end, VALID as many as fit.
 */
export function windowOf(
  o: TfliteOperator,
  padding: number,
  size: number,
  kernel: number,
  stride: number,
  dilation = 1,
): Window {
  if (!(kernel >= 1 && stride >= 1 && dilation >= 1 && size >= 1)) {
    throw malformed(o.op, 'kernel, stride, dilation and size ≥ 1', [kernel, stride, dilation, size]);
  }
  const extent = (kernel - 1) * dilation + 1;
  if (padding === Padding.VALID) {
    if (extent > size) throw malformed(o.op, `a window of at most ${size} cells`, extent);
    return { begin: 0, end: 0, size: Math.floor((size - extent) / stride) + 1 };
  }
  const positions = Math.ceil(size / stride);
  const pads = Math.max(0, (positions - 1) * stride + extent - size);
  const begin = Math.floor(pads / 2);
  return { begin, end: pads - begin, size: positions };
}

/** The input of a convolution or pool as [N, H, W, C]. */
export function mapDims(importer: Importer, o: TfliteOperator, position = 0): readonly number[] {
  const { dims, batch } = importer.input(o, position);
  if (dims.length !== 4 || batch !== 0) throw malformed(o.op, 'a map [N, H, W, C] as input', `[${dims}]`);
  return dims;
}

export function conv2d(importer: Importer, o: TfliteOperator): void {
  const { options } = o;
  convolve(importer, o, {
    padding: options.int8(0),
    stride: [options.int32(2), options.int32(1)],
    activation: options.int8(3),
    dilation: [options.int32(5, 1), options.int32(4, 1)],
    depthwise: false,
  });
}

export function depthwiseConv2d(importer: Importer, o: TfliteOperator): void {
  const { options } = o;
  convolve(importer, o, {
    padding: options.int8(0),
    stride: [options.int32(2), options.int32(1)],
    activation: options.int8(4),
    dilation: [options.int32(6, 1), options.int32(5, 1)],
    depthwise: true,
  });
}

interface Convolution {
  readonly padding: number;
  /** Vertical, horizontal. */
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly activation: number;
  /** Weights are [1, H, W, C·multiplier] instead of [O, H, W, C / groups]. */
  readonly depthwise: boolean;
}

function convolve(importer: Importer, o: TfliteOperator, c: Convolution): void {
  const [batch, height, width, channels] = mapDims(importer, o);
  const weights = importer.operand(o, 1);
  const shape = importer.tensor(weights).shape;
  if (shape.length !== 4) throw malformed(o.op, 'weights of rank 4', `[${shape}]`);
  const [kernelHeight, kernelWidth] = [shape[1], shape[2]];
  const outputs = c.depthwise ? shape[3] : shape[0];
  const perGroup = c.depthwise ? 1 : shape[3];
  const group = channels / perGroup;
  if (!(Number.isInteger(group) && group >= 1 && outputs % group === 0 && (!c.depthwise || shape[0] === 1))) {
    throw malformed(o.op, `weights that fit ${channels} channels`, `[${shape}]`);
  }
  const rows = windowOf(o, c.padding, height, kernelHeight, c.stride[0], c.dilation[0]);
  const columns = windowOf(o, c.padding, width, kernelWidth, c.stride[1], c.dilation[1]);

  const dims = [batch, rows.size, columns.size, outputs];
  const out = importer.define(o, { dims, layout: 'NCHW', batch: 0 });
  const inputs = [importer.read(importer.operand(o, 0), 'NCHW')];
  inputs.push(importer.weights(weights, c.depthwise ? [3, 0, 1, 2] : [0, 3, 1, 2]));
  if (importer.has(o, 2)) inputs.push(addBias(importer, o, 2, [0, 1], outputs));
  withActivation(importer, activationOf(importer, o, c.activation), out, 'conv', (name) =>
    importer.graph.node('Conv', inputs, name, {
      kernel_shape: [kernelHeight, kernelWidth],
      strides: c.stride,
      dilations: c.dilation,
      pads: [rows.begin, columns.begin, rows.end, columns.end],
      group,
    }),
  );
}

/** TRANSPOSE_CONV: inputs are the output's shape, weights [O, H, W, I], the map, perhaps a bias. */
export function transposeConv(importer: Importer, o: TfliteOperator): void {
  const [batch, height, width, channels] = mapDims(importer, o, 2);
  const weights = importer.operand(o, 1);
  const [outputs, kernelHeight, kernelWidth, inputsOfWeights] = importer.tensor(weights).shape;
  const wanted = importer.tensor(importer.operand(o, 0, 'outputs')).shape;
  if (inputsOfWeights !== channels || wanted.length !== 4) {
    throw malformed(o.op, `weights [O, H, W, ${channels}] and a map as output`, `[${wanted}]`);
  }
  const padding = o.options.int8(0);
  const [strideHeight, strideWidth] = [o.options.int32(2), o.options.int32(1)];
  // The forward convolution from the output back to the input fixes the pads.
  const rows = windowOf(o, padding, wanted[1], kernelHeight, strideHeight);
  const columns = windowOf(o, padding, wanted[2], kernelWidth, strideWidth);
  if (rows.size !== height || columns.size !== width) {
    throw malformed(o.op, `an output whose convolution is [${height}, ${width}]`, `[${wanted}]`);
  }
  const extra = (size: number, kernel: number, stride: number, w: Window) =>
    size - ((w.size - 1) * stride + kernel - w.begin - w.end);

  const out = importer.define(o, { dims: [batch, wanted[1], wanted[2], outputs], layout: 'NCHW', batch: 0 });
  const inputs = [importer.read(importer.operand(o, 2), 'NCHW'), importer.weights(weights, [3, 0, 1, 2])];
  if (importer.has(o, 3)) inputs.push(addBias(importer, o, 3, [2, 1], outputs));
  withActivation(importer, activationOf(importer, o, o.options.int8(3)), out, 'conv', (name) =>
    importer.graph.node('ConvTranspose', inputs, name, {
      kernel_shape: [kernelHeight, kernelWidth],
      strides: [strideHeight, strideWidth],
      pads: [rows.begin, columns.begin, rows.end, columns.end],
      output_padding: [
        extra(wanted[1], kernelHeight, strideHeight, rows),
        extra(wanted[2], kernelWidth, strideWidth, columns),
      ],
    }),
  );
}

/**
 * The bias of an operator; one of int32 without a scale of its own has s_in·s_w.
 *
 * @param factors - positions of the inputs whose scales it has.
 */
export function addBias(
  importer: Importer,
  o: TfliteOperator,
  position: number,
  factors: readonly [number, number],
  size: number,
): string {
  const index = importer.operand(o, position);
  const t = importer.tensor(index);
  if (t.shape.length !== 1 || t.shape[0] !== size)
    throw malformed(o.op, `a bias of [${size}]`, `[${t.shape}]`);
  const [x, w] = factors.map((k) => importer.tensor(importer.operand(o, k)).quantisation);
  const implied: Quantisation | null = x &&
    w && { scale: w.scale.map((s) => s * x.scale[0]), zeroPoint: w.scale.map(() => 0), axis: 0 };
  return importer.graph.floats(t.name, importer.floats(index, t.quantisation ?? implied), t.shape);
}
