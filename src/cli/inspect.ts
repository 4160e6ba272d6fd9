import { inspectModel, type ModelInspection } from '../onnx/inspect.ts';
import type { LayerInfo } from '../onnx/layer.ts';
import { importModel } from '../runtimes/load-classifier.ts';
import { readModelFile } from '../runtimes/model-file-fs.ts';
import type { Command } from './command.ts';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'List the layers where a model can be cut, and the one to start with.',
  operands: ['MODEL'],
  options: {
    all: { type: 'boolean', help: 'every valid cut; default: the last twenty' },
  },
  examples: ['craft-xai inspect model.onnx', 'craft-xai inspect model.tflite --json'],
  async run({ values, positionals: [path] }, io) {
    const { bytes, name } = await readModelFile(path);
    const { model, format } = importModel(bytes);
    const inspection = inspectModel(model);
    io.stdout(
      values.json
        ? `${JSON.stringify({ model: name, format, ...inspection }, null, 1)}\n`
        : describe(name, format, inspection, values.all === true),
    );
  },
};

const SHOWN = 20;

function describe(name: string, format: string, inspection: ModelInspection, all: boolean): string {
  const { inputs, layers, suggested, suggestedWhy, opset, logits, classes } = inspection;
  const shown = all ? layers : layers.slice(-SHOWN);
  const rows = shown.map((layer) => rowOf(layer, layer.tensor === suggested));
  const head = ['', 'layer', 'op', 'shape', 'sign', 'head'];
  return [
    `${name}: ${format}, opset ${opset}, ${classes ?? 'an unknown number of'} classes at ${logits}`,
    ...inputs.map((input) => `input ${input.name} ${shapeOf(input.dims)} ${input.type}`),
    '',
    `${layers.length} valid cuts${shown.length < layers.length ? `, the last ${shown.length} shown (--all for the rest)` : ''}:`,
    table([head, ...rows]),
    '',
    suggested ? `Suggested: ${suggested} (${suggestedWhy})` : 'No layer to suggest.',
    '',
  ].join('\n');
}

function rowOf(layer: LayerInfo, isSuggested: boolean): string[] {
  const name = layer.module || layer.name || layer.tensor;
  return [
    isSuggested ? '→' : '',
    name === layer.tensor ? name : `${name} (${layer.tensor})`,
    layer.op,
    shapeOf(layer.shape),
    layer.nonNegative ? '≥ 0' : '',
    [layer.pooledAfter ? 'pool' : '', layer.linearHead ? 'affine' : ''].filter(Boolean).join(', '),
  ];
}

function shapeOf(dims: readonly (number | string | null)[] | null): string {
  return dims ? dims.map((d) => d ?? '?').join('×') : '?';
}

/** Rows in columns, each as wide as its widest cell. */
function table(rows: readonly string[][]): string {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows
    .map((row) =>
      row
        .map((cell, k) => cell.padEnd(widths[k]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
