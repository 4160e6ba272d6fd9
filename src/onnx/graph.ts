// An index over a decoded graph: who produces and who reads each tensor.

import { CraftError } from '../errors.ts';
import { subgraphsOf } from './attributes.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from './proto/onnx_pb.ts';

export interface Graph {
  readonly model: ModelProto;
  /** Version of the default operator set. */
  readonly opset: number;
  /** In topological order, as the file has them. */
  readonly nodes: readonly NodeProto[];
  /** Graph inputs that are not initialisers. */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** The node that makes a tensor. */
  readonly producer: ReadonlyMap<string, NodeProto>;
  /** The nodes that read a tensor, each once, in order. */
  readonly consumers: ReadonlyMap<string, readonly NodeProto[]>;
  /** What a node reads, each name once: its inputs and what its subgraphs (If, Loop) capture. */
  readonly reads: ReadonlyMap<NodeProto, readonly string[]>;
}

/**
 * Indexes the graph of a model and checks that it is one: every tensor is made once and before it is
 * read. Time and memory are linear in the size of the graph.
 *
 * @throws {@link CraftError} `MODEL_FORMAT` if a tensor is made twice, or read but not made before.
 */
export function indexGraph(model: ModelProto): Graph {
  const proto = model.graph!;
  const initializers = new Map(proto.initializer.map((t) => [t.name, t]));
  const inputs = proto.input.filter((i) => !initializers.has(i.name));
  const known = new Set([...initializers.keys(), ...proto.input.map((i) => i.name)]);
  for (const sparse of proto.sparseInitializer) if (sparse.values) known.add(sparse.values.name);

  const producer = new Map<string, NodeProto>();
  const consumers = new Map<string, NodeProto[]>();
  const reads = new Map<NodeProto, string[]>();
  for (const node of proto.node) {
    const names = readsOf(node);
    reads.set(node, names);
    for (const name of names) {
      if (!known.has(name)) {
        throw new CraftError(
          'MODEL_FORMAT',
          `indexGraph: expected nodes in topological order; got ${describe(node)} that reads "${name}", which nothing before it makes; check the model with onnx.checker`,
        );
      }
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
    }
    for (const name of node.output) {
      if (name === '') continue;
      if (known.has(name)) {
        throw new CraftError(
          'MODEL_FORMAT',
          `indexGraph: expected each tensor to be made once; got "${name}" made again by ${describe(node)}; check the model with onnx.checker`,
        );
      }
      known.add(name);
      producer.set(name, node);
    }
  }
  checkOutputs(proto, known);
  return {
    model,
    opset: opsetOf(model),
    nodes: proto.node,
    inputs,
    outputs: proto.output,
    initializers,
    producer,
    consumers,
    reads,
  };
}

/** `Conv "/conv1/Conv"`: a node as messages name it. */
export function describe(node: NodeProto): string {
  return node.name ? `${node.opType} "${node.name}"` : node.opType;
}

/** Whether the node is of the default operator set, so that its opType has the meaning of the specification. */
export function isStandard(node: NodeProto): boolean {
  return node.domain === '' || node.domain === 'ai.onnx';
}

/** The op of a node; with its domain in front if that is not the default one. */
export function opOf(node: NodeProto): string {
  return isStandard(node) ? node.opType : `${node.domain}.${node.opType}`;
}

function opsetOf(model: ModelProto): number {
  const standard = model.opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx');
  return Number(standard?.version ?? 1n);
}

/** What a node reads, each name once: its own inputs first. */
function readsOf(node: NodeProto): string[] {
  const names = new Set(node.input);
  for (const graph of subgraphsOf(node)) for (const name of capturesOf(graph)) names.add(name);
  names.delete('');
  return [...names];
}

/** Names that a subgraph takes from the scope around it. */
function capturesOf(graph: GraphProto): Set<string> {
  const local = new Set([...graph.input.map((i) => i.name), ...graph.initializer.map((t) => t.name)]);
  for (const sparse of graph.sparseInitializer) if (sparse.values) local.add(sparse.values.name);
  const captured = new Set<string>();
  for (const node of graph.node) {
    for (const name of readsOf(node)) if (!local.has(name)) captured.add(name);
    for (const name of node.output) local.add(name);
  }
  for (const output of graph.output) if (!local.has(output.name)) captured.add(output.name);
  return captured;
}

function checkOutputs(proto: GraphProto, known: ReadonlySet<string>): void {
  if (proto.output.length === 0) {
    throw new CraftError(
      'MODEL_FORMAT',
      'indexGraph: expected a graph with an output; got none; export the model again',
    );
  }
  const missing = proto.output.find((o) => !known.has(o.name));
  if (missing) {
    throw new CraftError(
      'MODEL_FORMAT',
      `indexGraph: expected outputs that the graph makes; got "${missing.name}", which no node makes; check the model with onnx.checker`,
    );
  }
}
