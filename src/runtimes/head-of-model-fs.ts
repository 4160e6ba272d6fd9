// The second half of the model of an explanation, cut anew from the file that was explained.

import { sha256 } from '../craft/sha256.ts';
import { CraftError } from '../errors.ts';
import { cutModel } from '../onnx/cut.ts';
import { importModel } from './load-classifier.ts';
import { readModelFile } from './model-file-fs.ts';

/** What an explanation, of images or of texts, says of its model. */
interface Explained {
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly output: { readonly name: string };
  };
  readonly layer: { readonly tensor: string };
}

/**
 * ONNX model h of an explanation, its weights inside: latent → class scores.
 *
 * @param path - of the model that was explained.
 * @throws {@link CraftError} `FILE` if it cannot be read; `VALUE` if it is another model; `MODEL_UNSUPPORTED` if h reads
 *   inputs of the model beside the latent.
 */
export async function headOfModel(
  path: string,
  { model, layer }: Explained,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = await readModelFile(path);
  const digest = await sha256(file.bytes);
  if (digest !== model.sha256) {
    throw new CraftError(
      'VALUE',
      `${path}: expected the model that was explained, ${model.name} with SHA-256 ${model.sha256}; got ${digest}`,
    );
  }
  const imported = importModel(file.bytes);
  const options = { output: model.output.name, externalData: file.files };
  const { head, sideInputs } = cutModel(imported.model, layer.tensor, options);
  if (sideInputs.length > 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `${path}: expected a head that reads "${layer.tensor}" alone, to run in a page; got one that reads ${sideInputs.join(', ')} as well`,
    );
  }
  return head;
}
