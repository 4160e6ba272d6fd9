// The networks of test/golden/light as small smooth ones: all their wires, fewer channels, random weights.

import { readFileSync } from 'node:fs';
import { intsOf } from '../../src/onnx/attributes.ts';
import { int64Tensor } from '../../src/onnx/build.ts';
import { DataType } from '../../src/onnx/proto/constants.ts';
import type { NodeProto } from '../../src/onnx/proto/onnx_pb.ts';
import { decodeModel, encodeModel } from '../../src/onnx/proto/read.ts';
import { valuesOf } from '../../src/onnx/tensor-values.ts';
import { random } from '../../src/tensor/random.ts';
import { floatTensor } from './builder.ts';

const folder = new URL('../golden/light/', import.meta.url);

/** Height and width of the images that the networks are made for. */
const FULL = 224;

interface Small {
  /** Divides the numbers of channels, but the 3 of the image. */
  readonly divisor: number;
  /** Height and width of the image; linear layers on a map need all of it. */
  readonly image: number;
}

export const lightNetworks: Readonly<Record<string, Small>> = {
  bvlc_alexnet: { divisor: 16, image: FULL },
  densenet121: { divisor: 8, image: 32 },
  inception_v1: { divisor: 8, image: 64 },
  inception_v2: { divisor: 8, image: 64 },
  resnet50: { divisor: 16, image: 32 },
  // its groups of 4 stay
  shufflenet: { divisor: 2, image: 32 },
  squeezenet: { divisor: 8, image: 48 },
  vgg19: { divisor: 16, image: FULL },
  zfnet512: { divisor: 16, image: FULL },
};

export function lightBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`light_${name}.onnx`, folder)));
}

/**
 * Without kinks (Relu → Softplus, MaxPool → AveragePool), of fewer channels, on smaller images, with random
 * weights: of mean 0 and the variance that keeps activations in size; scales and variances of norms around 1.
 */
export function smoothLight(name: string): Uint8Array {
  const { divisor, image } = lightNetworks[name];
  const fewer = (channels: number): number => (channels <= 3 ? channels : Math.round(channels / divisor));
  const model = decodeModel(lightBytes(name));
  const graph = model.graph!;
  const constants = new Map(graph.initializer.map((t) => [t.name, t]));
  const inputs = graph.input.filter((i) => !constants.has(i.name));
  const rng = random(11);
  const weightsOf = (full: readonly number[], tensor: string) => {
    // a kernel has 11 rows at most; one network has a matrix of rank 4
    const dims = full.map((d, axis) => (axis < 2 || d > 11 ? fewer(d) : d));
    const size = dims.reduce((a, b) => a * b, 1);
    const reach = Math.sqrt((3 * dims[0]) / size);
    const values = Float32Array.from({ length: size }, () =>
      dims.length > 1 ? (2 * rng.uniform() - 1) * reach : 0.5 + rng.uniform(),
    );
    return floatTensor(values, dims, tensor);
  };

  for (const [i, t] of graph.initializer.entries()) {
    if (t.dataType === DataType.FLOAT) graph.initializer[i] = weightsOf(t.dims.map(Number), t.name);
  }
  const listed = (tensor: string): number[] => valuesOf(constants.get(tensor)!, 8)!;
  graph.node = graph.node.filter((node) => {
    if (node.opType === 'Reshape') {
      const dims = int64Tensor(`${node.output[0]}/dims`, smallDims(listed(node.input[1]), fewer, image));
      graph.initializer.push(dims);
      node.input[1] = dims.name;
    }
    if (node.opType !== 'ConstantOfShape') return true;
    graph.initializer.push(weightsOf(listed(node.input[0]), node.output[0]));
    return false;
  });
  for (const node of graph.node) makeSmooth(node, fewer, image);
  const [{ type }] = inputs;
  const dims = type?.value.case === 'tensorType' ? type.value.value.shape!.dim : [];
  for (const dim of dims.slice(2)) dim.value = { case: 'dimValue', value: BigInt(image) };
  graph.input = inputs;
  model.irVersion = 8n;
  return encodeModel(model);
}

/** Dims of a Reshape: [N, groups, C, H, W], [N, C, H, W] or [N, C]. */
function smallDims(dims: readonly number[], fewer: (channels: number) => number, image: number): number[] {
  const channels = dims.length - (dims.length > 2 ? 3 : 1);
  return dims.map((d, axis) => {
    if (axis > channels) return Math.ceil((d * image) / FULL);
    if (axis === channels) return fewer(d);
    return dims.length === 2 ? fewer(d) : d;
  });
}

function makeSmooth(node: NodeProto, fewer: (channels: number) => number, image: number): void {
  if (node.opType === 'Relu') node.opType = 'Softplus';
  if (node.opType === 'MaxPool') node.opType = 'AveragePool';
  const isWhole = String(intsOf(node, 'kernel_shape')) === '7,7';
  if (node.opType === 'AveragePool' && isWhole && image < FULL) {
    node.opType = 'GlobalAveragePool';
    node.attribute = [];
  }
  const group = node.attribute.find((a) => a.name === 'group');
  if (group && group.i > 4n) group.i = BigInt(fewer(Number(group.i)));
}
