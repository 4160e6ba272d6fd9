import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goldenCases, goldenInput } from '../../../test/models/tflite-cases.ts';
import { expectClose, nd, oneOperator, runImported } from '../../../test/models/tflite-run.ts';

const golden: { outputs: Record<string, number[][]> } = JSON.parse(
  readFileSync('test/golden/formats/tflite-operators.json', 'utf8'),
);

describe('as TensorFlow Lite computes it', () => {
  // The 1e-5 of expectClose: both sum float32 products, each in an order of its own; the file keeps
  // 8 digits.
  it.each(goldenCases)('$name', async ({ name, model }) => {
    const { outputs } = await runImported(oneOperator(model), goldenInput(model));
    expect(outputs).toHaveLength(golden.outputs[name].length);
    outputs.forEach((y, k) => {
      let i = 0;
      expectClose(
        y,
        nd(model.y[k], () => golden.outputs[name][k][i++]),
      );
    });
  });
});
