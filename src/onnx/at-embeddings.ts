// A gradient by the embeddings of tokens in three models: what looks them up, and what takes them, so that it also
// runs on embeddings that are no token's.

import { indexGraph } from './graph.ts';
import { decodeModel, encodeModel } from './proto/read.ts';
import type { TokenGradient } from './token-gradient.ts';

/** ONNX models of a {@link TokenGradient}, and the names of their inputs. */
export interface EmbeddingParts {
  /** Inputs of the model → `embedding`. */
  readonly lookup: EmbeddingPart;
  /** Inputs of the model and `embedding` → `of`. */
  readonly forward: EmbeddingPart;
  /** Inputs of the model, `embedding` and `cotangent` → `gradient`. */
  readonly backward: EmbeddingPart;
}

export interface EmbeddingPart {
  readonly model: Uint8Array;
  readonly inputs: readonly string[];
}

/** Parts the model of a gradient of `of` at its embeddings. */
export function partAtEmbeddings({ model, embedding, gradient }: TokenGradient, of: string): EmbeddingParts {
  return {
    lookup: reaching(model, embedding, null),
    forward: reaching(model, of, embedding),
    backward: reaching(model, gradient, embedding),
  };
}

/** The part of a model that one of its outputs needs, with one tensor as an input. */
function reaching(bytes: Uint8Array, output: string, input: string | null): EmbeddingPart {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  const { reads } = indexGraph(model);
  const needed = new Set([output]);
  // from the last node on: what reads a tensor stands after the node that makes it
  const nodes = graph.node.toReversed().filter((node) => {
    const isNeeded = node.output.some((name) => name !== input && needed.has(name));
    if (isNeeded) for (const name of reads.get(node)!) needed.add(name);
    return isNeeded;
  });
  const wanted = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
    list.filter(({ name }) => needed.has(name));
  graph.node = nodes.reverse();
  graph.initializer = wanted(graph.initializer);
  graph.input = [...wanted(graph.input), ...graph.output.filter(({ name }) => name === input)];
  graph.output = graph.output.filter(({ name }) => name === output);
  return { model: encodeModel(model), inputs: graph.input.map(({ name }) => name) };
}
