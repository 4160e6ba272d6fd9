// Reverse-mode differentiation as a transformation of graphs: the result is a model of standard ops.

import { create } from '@bufbuild/protobuf';
import { CraftError } from '../errors.ts';
import { FLOAT_TYPES, openModel } from './analysis.ts';
import { valueInfo } from './build.ts';
import { closestNames } from './closest-names.ts';
import { sweepBackward } from './differentiate-backward.ts';
import { STILL_WORKS } from './differentiate-call.ts';
import { Emitter } from './differentiate-emit.ts';
import { activePath } from './differentiate-path.ts';
import { freePrefix } from './differentiate-prefix.ts';
import type { Graph } from './graph.ts';
import { quoted } from './layer-names.ts';
import { lowerModel } from './lower.ts';
import { DataType } from './proto/constants.ts';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from './proto/onnx_pb.ts';
import { decodeModel, encodeModel } from './proto/read.ts';
import type { Shapes } from './shapes/infer.ts';
import { byReference, inside, type Placement } from './weights.ts';

export interface DifferentiateOptions {
  /** Tensor to differentiate: an output or any tensor that a node makes, of floats. */
  of: string;
  /** Tensors to differentiate by, of floats: inputs, or tensors in between, whose gradient is that of what reads them. */
  withRespectTo: string | readonly string[];
  /**
   * Size of the first axis of every input where the model leaves it free, for a gradient of batches of that
   * size only. With all sizes fixed, ONNX Runtime keeps more of the gradient in its own layout: measured
   * 20–30 % faster on convolutional networks. Default: as the model has it.
   */
  batch?: number;
  /**
   * true: the weights are inside. false: weights of 1 KiB and more are external data of the file
   * `ORIGINAL_WEIGHTS`, at their place in `bytes`; external ones stay external. Default false.
   */
  inline?: boolean;
  /** Bytes of the files that the model keeps weights in, by the name that it has for them; read if `inline`. */
  externalData?: ReadonlyMap<string, Uint8Array>;
}

/** Initialisers may be kept out of the inputs, and op versions up to 20 are known, from this version on. */
const MIN_IR_VERSION = 9n;

/**
 * The vector-Jacobian product of a model: from its inputs and a cotangent v of `of`, the gradients
 * Σ v · ∂of/∂t for every t of `withRespectTo`.
 *
 * Inputs of the result: those of the model that are needed, then `<of>/cotangent` (dims of `of`). Outputs:
 * `of`, then `<t>/gradient` for each t (dims of t). All floats are float32: half and double models are written
 * as such, models of operator sets 7–19 as 20. Gradients at a kink are subgradients; quantisation is passed straight through.
 *
 * @param bytes - of the ONNX file; not changed.
 * @throws {@link CraftError} `LAYER_NOT_FOUND` if a tensor is not there or does not reach `of` with a slope;
 *   `MODEL_UNSUPPORTED` if an op on the way has no gradient, with its name and place; `MODEL_FORMAT`;
 *   `OPTION`; `FILE` if weights in other files are missing.
 */
export function differentiate(bytes: Uint8Array, options: DifferentiateOptions): Uint8Array<ArrayBuffer> {
  const { of, inline = false, externalData = new Map<string, Uint8Array>() } = options;
  const sources = sourcesOf(options);
  const model = lowerModel(withBatch(decodeModel(bytes), options.batch), new Set(sources));
  const { graph, shapes } = openModel(model);
  for (const name of [of, ...sources]) checkTensor(graph, shapes, name);
  const path = activePath(graph, shapes, sources, of);
  const idle = sources.filter((name) => !path.needed.has(name));
  if (idle.length > 0) {
    throw new CraftError(
      'LAYER_NOT_FOUND',
      `differentiate: expected tensors that "${of}" changes smoothly with; got ${quoted(idle)}, which reach it by no op that has a slope; ${STILL_WORKS}`,
    );
  }
  const b = new Emitter(freePrefix(model.graph!, 'backward'));
  const cotangent = `${of}/cotangent`;
  const { gradientOf, replaced } = sweepBackward(graph, shapes, path, of, cotangent, b, (_, error) => {
    throw error;
  });
  const outputs = [of, ...sources.map((name) => gradientName(graph, b, name, gradientOf.get(name)!))];
  const info = (name: string, like: string): ValueInfoProto =>
    valueInfo(name, DataType.FLOAT, shapes.dimsOf(like)?.map((d, i) => d ?? `${like}:${i}`) ?? null);
  checkUnused(graph, [cotangent, ...outputs.slice(1)]);
  return encodeModel(
    assembleModel(graph, b, {
      nodes: [...graph.nodes.map((node) => replaced.get(node) ?? node), ...b.nodes],
      cotangent: info(cotangent, of),
      outputs: outputs.map((name, i) => info(name, i === 0 ? of : sources[i - 1])),
      place: inline ? inside(externalData) : byReference(bytes),
    }),
  );
}

/** The model with the free first axes of its inputs fixed. */
function withBatch(model: ModelProto, batch: number | undefined): ModelProto {
  if (batch === undefined) return model;
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new CraftError(
      'OPTION',
      `differentiate: expected a whole number of at least 1 as batch; got ${batch}`,
    );
  }
  for (const { type } of model.graph!.input) {
    const tensor = type?.value.case === 'tensorType' ? type.value.value : null;
    const first = tensor?.shape?.dim[0];
    if (first && first.value.case !== 'dimValue') first.value = { case: 'dimValue', value: BigInt(batch) };
  }
  return model;
}

function sourcesOf({ withRespectTo }: DifferentiateOptions): string[] {
  const names = typeof withRespectTo === 'string' ? [withRespectTo] : [...new Set(withRespectTo)];
  if (names.length > 0) return names;
  throw new CraftError(
    'OPTION',
    'differentiate: expected a tensor or several as withRespectTo; got none; name an input or a layer',
  );
}

function checkTensor(graph: Graph, shapes: Shapes, name: string): void {
  const isMade = graph.producer.has(name) || graph.inputs.some((i) => i.name === name);
  if (!isMade) {
    const names = [...graph.inputs.map((i) => i.name), ...graph.producer.keys()];
    throw new CraftError(
      'LAYER_NOT_FOUND',
      `differentiate: expected an input or a tensor that a node makes; got "${name}"; closest names: ${quoted(closestNames(name, names))}`,
    );
  }
  const type = shapes.typeOf(name);
  if (type === DataType.FLOAT || type === DataType.UNDEFINED) return;
  const hint = FLOAT_TYPES.has(type)
    ? 'a model with branches (If, Loop) is not converted: convert it to float32'
    : 'differentiate by what is made of it, such as the embeddings of token ids';
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `differentiate: expected tensors of float32; got "${name}" of ONNX type ${type}; ${hint}; ${STILL_WORKS}`,
  );
}

/** Gives the gradient its name. */
function gradientName(graph: Graph, b: Emitter, tensor: string, gradient: string): string {
  const wanted = `${tensor}/gradient`;
  checkUnused(graph, [wanted]);
  return b.op('Identity', [gradient], {}, wanted);
}

function checkUnused(graph: Graph, names: readonly string[]): void {
  const taken = names.find((name) => graph.producer.has(name) || graph.initializers.has(name));
  if (taken === undefined) return;
  throw new CraftError(
    'MODEL_UNSUPPORTED',
    `differentiate: expected that no tensor is called "${taken}", the name of a result; got a model that has it; rename it`,
  );
}

interface Parts {
  /** Forward, then backward. */
  nodes: readonly NodeProto[];
  cotangent: ValueInfoProto;
  outputs: ValueInfoProto[];
  place: Placement;
}

/** The model of what the outputs need, and no more. */
function assembleModel(graph: Graph, b: Emitter, parts: Parts): ModelProto {
  const { model } = graph;
  const original = model.graph!;
  const read = new Set(parts.outputs.map((o) => o.name));
  const nodes: NodeProto[] = [];
  for (let i = parts.nodes.length - 1; i >= 0; i--) {
    const node = parts.nodes[i];
    if (!node.output.some((name) => read.has(name))) continue;
    nodes.push(node);
    // what a branch captures, too: the original knows
    const forward = graph.nodes[i];
    for (const name of forward ? graph.reads.get(forward)! : node.input) read.add(name);
  }
  const initializer = [...original.initializer.map(parts.place), ...b.initializers];
  const made = new Set(nodes.flatMap((node) => node.output));
  const isOutput = new Set(parts.outputs.map((o) => o.name));
  return create(ModelProtoSchema, {
    irVersion: model.irVersion < MIN_IR_VERSION ? MIN_IR_VERSION : model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    opsetImport: model.opsetImport,
    functions: model.functions,
    graph: create(GraphProtoSchema, {
      name: `${original.name}/gradient`,
      node: nodes.reverse(),
      initializer: initializer.filter((t) => read.has(t.name)),
      sparseInitializer: original.sparseInitializer.filter((t) => read.has(t.values?.name ?? '')),
      input: [...graph.inputs.filter((i) => read.has(i.name)), parts.cotangent],
      output: parts.outputs,
      valueInfo: original.valueInfo.filter((v) => made.has(v.name) && !isOutput.has(v.name)),
    }),
  });
}
