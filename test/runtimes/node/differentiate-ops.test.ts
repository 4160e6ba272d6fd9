// Every gradient rule against central differences, in the real engine.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOf, type OpCases } from '../../models/op-case.ts';
import { opCases } from '../../models/op-cases.ts';
import { gradientDeviation } from './gradients.ts';

/**
 * Difference quotients in float32: sums of up to 300 terms carry 1e-6 and more, over steps of 0.02. Measured
 * ≤ 4e-4; a wrong factor, axis or sign shows as 1e-1 and more.
 */
const TOLERANCE = 2e-3;

/** Cases of each op; windows and slices have the most forms. */
const runsOf = (op: string): number => (/Conv|Pool|Slice/.test(op) ? 30 : 10);

const all: [string, OpCases][] = Object.entries<OpCases>(opCases);

describe.each(all)('%s', (op, cases) => {
  it('has the gradient that central differences give', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        fc.pre(countOf(c) <= 300);
        expect(await gradientDeviation(c)).toBeLessThan(TOLERANCE);
      }),
      { numRuns: runsOf(op) },
    );
  });
});
