// The two halves of a model as messages.

import { create } from '@bufbuild/protobuf';
import { CraftError } from '../errors.ts';
import type { Analysis } from './analysis.ts';
import { makeNode, valueInfo } from './build.ts';
import { DataType } from './proto/constants.ts';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto/onnx_pb.ts';
import { rebuildShapes } from './shape-rebuild.ts';
import { readsShapeOnly } from './taint.ts';
import type { Placement } from './weights.ts';

export interface Halves {
  encoder: ModelProto;
  head: ModelProto;
  /** Name of the latent between them. */
  latent: string;
  sideInputs: string[];
  /** Name of the head's output. */
  output: string;
}

/** Initialisers are a part of the inputs before this version of the format. */
const MIN_IR_VERSION = 4n;

/** Splits the graph at `latent`, a valid cut of the path. */
export function assemble(analysis: Analysis, latent: string, place: Placement): Halves {
  const { graph, path, shapes } = analysis;
  const fresh = freshNames(analysis);
  const between = isWide(shapes.typeOf(latent)) ? latent : fresh(`${latent}/float32`);
  const latentInfo = valueInfo(between, DataType.FLOAT, interfaceDims(analysis, latent));

  const before = closure(analysis, [latent], () => false);
  const encoderCasts = between === latent ? [] : [cast(latent, between, DataType.FLOAT)];
  const encoder = half(analysis, place, {
    name: 'encoder',
    nodes: [...before.nodes, ...encoderCasts],
    read: before.read,
    inputs: graph.inputs.filter((i) => before.read.has(i.name)),
    outputs: [latentInfo],
    extra: [],
  });

  const after = closure(analysis, [path.output], (node) => isBeforeCut(analysis, latent, node), latent);
  if (after.read.has(path.input)) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `cutModel: expected a head that needs "${latent}" and not the input; got one that reads "${path.input}" for a shape; cut at another layer`,
    );
  }
  const rebuilt = rebuildShapes(analysis, latent, after.leaves, fresh);
  const headCasts = between === latent ? [] : [cast(between, latent, shapes.typeOf(latent))];
  const output = isWide(shapes.typeOf(path.output)) ? path.output : fresh(`${path.output}/float32`);
  const outputCasts = output === path.output ? [] : [cast(path.output, output, DataType.FLOAT)];
  const sides = graph.inputs.filter((i) => after.read.has(i.name));
  const head = half(analysis, place, {
    name: 'head',
    nodes: [...headCasts, ...rebuilt.nodes, ...after.nodes, ...outputCasts],
    read: after.read,
    inputs: [latentInfo, ...sides],
    outputs: [outputInfo(analysis, output)],
    extra: rebuilt.initializers,
  });
  return { encoder, head, latent: between, sideInputs: sides.map((i) => i.name), output };
}

interface Closure {
  /** Nodes needed, in order. */
  nodes: NodeProto[];
  /** Names that they read, and the targets. */
  read: Set<string>;
  /** Nodes where the search ended: their outputs are needed, they are not. */
  leaves: NodeProto[];
}

/** Everything that `targets` need, back to `stop` and to the nodes that `isLeaf` says. */
function closure(
  { graph }: Analysis,
  targets: readonly string[],
  isLeaf: (node: NodeProto) => boolean,
  stop?: string,
): Closure {
  const read = new Set(targets);
  const nodes: NodeProto[] = [];
  const leaves: NodeProto[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!node.output.some((name) => name !== stop && read.has(name))) continue;
    if (isLeaf(node)) {
      leaves.push(node);
      continue;
    }
    nodes.push(node);
    for (const name of graph.reads.get(node)!) read.add(name);
  }
  return { nodes: nodes.reverse(), read, leaves: leaves.reverse() };
}

/** Whether a node reads the shape of a tensor that follows from the input and not from the latent. */
function isBeforeCut({ path }: Analysis, latent: string, node: NodeProto): boolean {
  if (!readsShapeOnly(node)) return false;
  const [read] = node.input;
  const dependsOnInput = path.taint.value.has(read) || path.taint.shape.has(read);
  const isAfter = (path.position.get(read) ?? -1) > path.position.get(latent)!;
  return dependsOnInput && read !== latent && !isAfter;
}

interface HalfParts {
  name: string;
  nodes: NodeProto[];
  read: ReadonlySet<string>;
  inputs: ValueInfoProto[];
  outputs: ValueInfoProto[];
  extra: TensorProto[];
}

function half({ graph }: Analysis, place: Placement, parts: HalfParts): ModelProto {
  const { model } = graph;
  const original = model.graph!;
  const isOutput = new Set(parts.outputs.map((o) => o.name));
  const made = new Set(parts.nodes.flatMap((node) => node.output));
  return create(ModelProtoSchema, {
    irVersion: model.irVersion < MIN_IR_VERSION ? MIN_IR_VERSION : model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    opsetImport: model.opsetImport,
    functions: model.functions,
    metadataProps: model.metadataProps,
    graph: create(GraphProtoSchema, {
      name: `${original.name}/${parts.name}`,
      node: parts.nodes,
      initializer: [...original.initializer.filter((t) => parts.read.has(t.name)).map(place), ...parts.extra],
      sparseInitializer: original.sparseInitializer.filter((t) => parts.read.has(t.values?.name ?? '')),
      input: parts.inputs,
      output: parts.outputs,
      // what the file says of custom ops, which a runtime cannot infer
      valueInfo: original.valueInfo.filter((info) => made.has(info.name) && !isOutput.has(info.name)),
      quantizationAnnotation: original.quantizationAnnotation.filter((a) => made.has(a.tensorName)),
    }),
  });
}

function isWide(type: number): boolean {
  return type !== DataType.FLOAT16 && type !== DataType.BFLOAT16 && type !== DataType.DOUBLE;
}

function cast(from: string, to: string, type: number): NodeProto {
  return makeNode('Cast', [from], [to], { to: type });
}

/** Dims of the latent as an input: free ones have names. */
function interfaceDims({ shapes }: Analysis, latent: string): (number | string)[] | null {
  return shapes.dimsOf(latent)?.map((d, i) => d ?? `${latent}:${i}`) ?? null;
}

/** The model's own statement of its output, or what is known of an inner tensor. */
function outputInfo(analysis: Analysis, output: string): ValueInfoProto {
  const { graph, shapes, path } = analysis;
  const stated = graph.outputs.find((o) => o.name === output);
  if (stated) return stated;
  const type = output === path.output ? shapes.typeOf(output) : DataType.FLOAT;
  return valueInfo(output, type, interfaceDims(analysis, path.output));
}

/** Makes names that the model does not have. */
function freshNames({ graph }: Analysis): (wanted: string) => string {
  const taken = new Set([
    ...graph.producer.keys(),
    ...graph.initializers.keys(),
    ...graph.inputs.map((i) => i.name),
  ]);
  let next = 0;
  return (wanted) => {
    let name = wanted;
    while (taken.has(name)) name = `${wanted}_${next++}`;
    taken.add(name);
    return name;
  };
}
