// A model as the gradient rules know it: float32, operator set 20 or later, fused ops as the standard ops that
// they stand for.

import { create } from '@bufbuild/protobuf';
import { CraftError } from '../errors.ts';
import { subgraphsOf } from './attributes.ts';
import { Emitter } from './differentiate-emit.ts';
import { freePrefix } from './differentiate-prefix.ts';
import { indexGraph } from './graph.ts';
import { lowerScaledConv, mayBeScaledConv } from './lower-batch-norm.ts';
import { lowerBroadcast, mayBeBroadcast } from './lower-broadcast.ts';
import { lowerComposed, mayBeComposed } from './lower-composed.ts';
import { lowerFused, needsLowering } from './lower-fused.ts';
import { inSinglePrecision } from './lower-precision.ts';
import { upgradeNode } from './lower-upgrade.ts';
import {
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from './proto/onnx_pb.ts';
import { inferShapes } from './shapes/infer.ts';

/** The operator set that rules and emitted nodes are of; later ones change none of their ops. */
const OPSET = 20;
/** Broadcasting was an attribute before. */
const MIN_OPSET = 7;

/**
 * The same function in other nodes; the model itself if there is nothing to do. Weights are shared.
 *
 * @param kept - tensors that stay on the way from inputs to outputs.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` for an operator set before 7; `MODEL_FORMAT`.
 */
export function lowerModel(model: ModelProto, kept: ReadonlySet<string> = new Set()): ModelProto {
  const { opset } = indexGraph(model);
  if (opset < MIN_OPSET) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `differentiate: expected a model of operator set ${MIN_OPSET} or later; got ${opset}; convert it with onnx.version_converter`,
    );
  }
  const single = inSinglePrecision(model);
  const upgraded = opset < OPSET ? upgradeModel(single, opset) : single;
  const isToDo = (node: NodeProto): boolean =>
    needsLowering(node) || mayBeComposed(node) || mayBeScaledConv(node) || mayBeBroadcast(node);
  return upgraded.graph!.node.some(isToDo) ? lowerNodes(upgraded, kept) : upgraded;
}

function upgradeModel(model: ModelProto, opset: number): ModelProto {
  const b = new Emitter(freePrefix(model.graph!, 'upgraded'));
  const graph = upgradeGraph(b, model.graph!, opset);
  return withGraph(model, graph, b, OPSET);
}

/** Branches of branches that are upgraded: real models nest a few. */
const MAX_DEPTH = 32;

function upgradeGraph(b: Emitter, graph: GraphProto, opset: number, depth = 0): GraphProto {
  if (depth > MAX_DEPTH) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `differentiate: expected at most ${MAX_DEPTH} branches in one another; got more; simplify the model`,
    );
  }
  const node = b.apart(() => {
    for (const n of graph.node) {
      upgradeNode(b, subgraphsOf(n).length > 0 ? withBranches(b, n, opset, depth) : n, opset);
    }
  });
  return Object.assign(create(GraphProtoSchema), graph, { node });
}

function withBranches(b: Emitter, node: NodeProto, opset: number, depth: number): NodeProto {
  const attribute = node.attribute.map((a) => {
    const g = a.g && upgradeGraph(b, a.g, opset, depth + 1);
    const graphs = a.graphs.map((branch) => upgradeGraph(b, branch, opset, depth + 1));
    return Object.assign(create(AttributeProtoSchema), a, { g, graphs });
  });
  return Object.assign(create(NodeProtoSchema), node, { attribute });
}

function lowerNodes(model: ModelProto, kept: ReadonlySet<string>): ModelProto {
  const graph = indexGraph(model);
  const shapes = inferShapes(graph);
  const b = new Emitter(freePrefix(model.graph!, 'lowered'));
  for (const node of graph.nodes) {
    const isWritten =
      lowerFused(b, node, shapes) ||
      lowerComposed(b, node, graph, shapes, kept) ||
      lowerScaledConv(b, node, graph, shapes, kept) ||
      lowerBroadcast(b, node, graph, shapes);
    if (!isWritten) b.nodes.push(node);
  }
  const lowered = Object.assign(create(GraphProtoSchema), model.graph!, { node: b.nodes });
  return withGraph(model, lowered, b, graph.opset);
}

function withGraph(model: ModelProto, graph: GraphProto, b: Emitter, opset: number): ModelProto {
  const others = model.opsetImport.filter((o) => o.domain !== '' && o.domain !== 'ai.onnx');
  const own = create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) });
  graph.initializer = [...graph.initializer, ...b.initializers];
  return Object.assign(create(ModelProtoSchema), model, { graph, opsetImport: [own, ...others] });
}
