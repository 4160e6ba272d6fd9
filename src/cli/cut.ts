import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CraftError } from '../errors.ts';
import { cutModel } from '../onnx/cut.ts';
import { inspectModel } from '../onnx/inspect.ts';
import { importModel } from '../runtimes/load-classifier.ts';
import { readModelFile } from '../runtimes/model-file-fs.ts';
import { replaceFile } from '../store/explanation-fs.ts';
import { type Command, required, text } from './command.ts';

export const cutCommand: Command = {
  name: 'cut',
  summary: 'Cut a model in two at a layer: encoder.onnx (g) and head.onnx (h), with h(g(x)) = f(x).',
  operands: ['MODEL'],
  options: {
    layer: { type: 'string', value: 'L', help: 'tensor, node or module name; default: the suggested cut' },
    out: { type: 'string', short: 'o', value: 'DIR', help: 'folder for the two files (required)' },
  },
  examples: ['craft-xai cut model.onnx --layer layer4 --out parts', 'craft-xai cut model.tflite --out parts'],
  async run(args, io) {
    const out = required(cutCommand, args, 'out');
    const { bytes, files } = await readModelFile(args.positionals[0]);
    const { model } = importModel(bytes);
    const layer = text(args, 'layer') ?? inspectModel(model).suggested;
    if (layer === null) {
      throw new CraftError(
        'MODEL_UNSUPPORTED',
        'cut: expected a layer to suggest; got none – name one with --layer',
      );
    }
    const { encoder, head, latent, sideInputs } = cutModel(model, layer, { externalData: files });
    await mkdir(out, { recursive: true });
    const paths = { encoder: join(out, 'encoder.onnx'), head: join(out, 'head.onnx') };
    await replaceFile(paths.encoder, encoder);
    await replaceFile(paths.head, head);
    io.stdout(
      args.values.json
        ? `${JSON.stringify({ ...paths, latent, sideInputs }, null, 1)}\n`
        : `${paths.encoder}\n${paths.head}\n`,
    );
    if (!args.values.json) io.stderr(`cut at ${latent.tensor} (${latent.op})\n`);
  },
};
