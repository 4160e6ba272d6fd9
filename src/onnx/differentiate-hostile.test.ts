// Models made to harm: differentiate gives a model or a CraftError, in bounded work.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../test/models/builder.ts';
import { modelOf, type OpCases } from '../../test/models/op-case.ts';
import { opCases } from '../../test/models/op-cases.ts';
import { CraftError } from '../errors.ts';
import { differentiate } from './differentiate.ts';
import { inspectModel } from './inspect.ts';
import { decodeModel, encodeModel } from './proto/read.ts';

/** The code of the refusal; null if there is a gradient. */
function refusal(bytes: Uint8Array, of = 'y', withRespectTo = 'x'): string | null {
  try {
    differentiate(bytes, { of, withRespectTo });
    return null;
  } catch (error) {
    if (error instanceof CraftError) return error.code;
    throw error;
  }
}

const all: [string, OpCases][] = Object.entries<OpCases>(opCases);

it.each(all)('%s of sizes beyond any memory asks for none', (_, cases) => {
  const isChosen = [() => true, (axis: number) => axis === 0, (axis: number) => axis >= 2];
  for (const c of fc.sample(cases, { numRuns: 2, seed: 3 })) {
    for (const [i, size] of [2n ** 31n - 1n, 2n ** 40n, 2n ** 53n - 1n].entries()) {
      const model = decodeModel(modelOf(c));
      for (const { type } of model.graph!.input) {
        const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined;
        shape?.dim.forEach((d, axis) => {
          if (isChosen[i](axis)) d.value = { case: 'dimValue', value: size };
        });
      }
      const { input, output } = model.graph!;
      refusal(encodeModel(model), output[0].name, input[0].name);
    }
  }
});

describe('a long graph', () => {
  const LENGTH = 10_000;

  it('of elementwise ops behind a Conv takes linear work', () => {
    const b = new GraphBuilder();
    let at = b.node('Conv', [b.input('x', [1, 8, 4, 4]), b.weights([8, 8, 1, 1])]);
    for (let i = 0; i < LENGTH; i++) at = b.node(i % 2 ? 'Relu' : 'Tanh', [at]);
    b.output(b.node('Sigmoid', [at], {}, 'y'), null);
    expect(refusal(b.bytes(20, 9))).toBe(null);
  });

  it('whose sums double takes no more than its nodes', () => {
    const b = new GraphBuilder();
    let at = b.node('Tanh', [b.input('x', ['N', 8])]);
    for (let i = 0; i < LENGTH; i++) at = b.node('Add', [at, at]);
    b.output(b.node('Tanh', [at], {}, 'y'), null);
    expect(refusal(b.bytes(20, 9))).toBe(null);
  });

  it('whose every tensor is read by one sum', () => {
    const b = new GraphBuilder();
    const x = b.input('x', ['N', 8]);
    const parts = Array.from({ length: LENGTH }, () => b.node('Tanh', [x]));
    b.output(b.node('Sum', parts, {}, 'y'), null);
    expect(refusal(b.bytes(20, 9))).toBe(null);
  });
});

describe('loops', () => {
  it.each(['Loop', 'Scan', 'If'])('%s on the way is refused by its name, and inspect says so', (op) => {
    const body = new GraphBuilder();
    body.output(body.node('Tanh', ['inner'], {}, 'out'), null);
    const b = new GraphBuilder();
    const inner = b.node('Tanh', [b.input('x', ['N', 4])], {}, 'inner');
    const condition = b.node('Greater', [inner, b.floats([0], [])]);
    const branches = op === 'If' ? ['then_branch', 'else_branch'] : ['body'];
    const attributes = Object.fromEntries(branches.map((name) => [name, body.graph]));
    const inputs = { Loop: [b.ints([2 ** 40], []), '', inner], Scan: [inner], If: [condition] }[op]!;
    b.output(b.node('Tanh', [b.node(op, inputs, attributes)], {}, 'y'), null);
    const bytes = b.bytes(20, 9);
    expect(refusal(bytes)).toBe('MODEL_UNSUPPORTED');
    expect(inspectModel(bytes).gradients).toEqual({ supported: false, missingOps: [op] });
  });

  it('nested beyond measure are refused', () => {
    let { graph } = new GraphBuilder();
    for (let i = 0; i < 500; i++) {
      const around = new GraphBuilder();
      around.output(around.node('If', ['c'], { then_branch: graph }, `y${i}`), null);
      graph = around.graph;
    }
    const b = new GraphBuilder();
    b.input('c', [1]);
    b.output(b.node('If', [b.input('x', ['N', 4])], { then_branch: graph }, 'y'), null);
    expect(refusal(b.bytes(17, 8))).not.toBe(null);
  });
});
