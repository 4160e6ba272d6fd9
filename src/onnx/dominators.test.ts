import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import { bypassing, pathBetween } from './dominators.ts';
import { type Graph, indexGraph } from './graph.ts';

/** A random graph: node i reads one or two of the tensors before it; the last is the output. */
const randomGraph = fc
  .array(fc.tuple(fc.nat(), fc.option(fc.nat()), fc.integer({ min: 0, max: 9 })), {
    minLength: 2,
    maxLength: 14,
  })
  .map((picks) => {
    const b = new GraphBuilder();
    const tensors = [b.input('x', ['N', 3])];
    for (const [i, [first, second, kind]] of picks.entries()) {
      const reads = [tensors[first % tensors.length]];
      if (second !== null) reads.push(tensors[second % tensors.length]);
      // now and then a shape, which carries no values
      if (kind === 0) tensors.push(b.node('Shape', [reads[0]], {}, `t${i}`));
      else tensors.push(b.node(reads.length === 1 ? 'Relu' : 'Add', reads, {}, `t${i}`));
    }
    b.output(tensors[tensors.length - 1], null);
    return { graph: indexGraph(b.model()), output: tensors[tensors.length - 1] };
  });

/** Whether values of x reach the output without passing through `removed`. */
function reaches(graph: Graph, output: string, removed: string | null): boolean {
  const reached = new Set(['x']);
  for (const node of graph.nodes) {
    const carries = node.opType !== 'Shape' && node.input.some((name) => reached.has(name));
    if (carries && node.output[0] !== removed) reached.add(node.output[0]);
  }
  return reached.has(output);
}

describe('pathBetween', () => {
  it('finds exactly the tensors whose removal parts the output from the input', () => {
    fc.assert(
      fc.property(randomGraph, ({ graph, output }) => {
        const { cuts } = pathBetween(graph, 'x', output);
        const all = graph.nodes.map((n) => n.output[0]);
        const expected = reaches(graph, output, null) ? all.filter((t) => !reaches(graph, output, t)) : [];
        expect(cuts).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has a bypassing tensor for every tensor of the path that is no cut, and none for a cut', () => {
    fc.assert(
      fc.property(randomGraph, ({ graph, output }) => {
        const path = pathBetween(graph, 'x', output);
        for (const tensor of path.position.keys()) {
          expect(bypassing(graph, path, tensor).length === 0).toBe(path.cuts.includes(tensor));
        }
      }),
    );
  });
});
