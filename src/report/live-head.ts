// The second half of the model beside the page, so that a reader can turn concepts down and up where no closed form
// tells the score.
//
// Notation: u [T, r] coefficients of one input, W [r, p] concept bank, h latent → class scores, m [r] what is kept of
// each concept: the page computes h((u ⊙ m) W).

import { latentShape } from '../craft/layout.ts';
import { joinSigns } from '../craft/text/split-signs.ts';
import { CraftError } from '../errors.ts';
import { checkTensor, type Tensor } from '../tensor/tensor.ts';
import { base64 } from './base64.ts';
import type { Explained, LiveHead } from './report-data.ts';

/** Where the two scripts are, relative to the page. */
export const LIVE_FILES = { head: 'report/head.js', engine: 'report/engine.js' } as const;

/** Largest head that a page opens: its text is 4/3 of that. */
const MOST_HEAD = 128e6;
/** Coefficients that are kept, and numbers in W: 16 MB each. */
const MOST_VALUES = 2 ** 22;

/** What the page needs to run h. */
export interface LiveSource {
  explanation: Explained;
  /** ONNX model h: one latent → class scores, with its weights inside. */
  head: Uint8Array;
  /** Concept bank [r, p]; [r, 2p] where signs are split. */
  W: Tensor;
  /** Coefficients of whole inputs: [E, h, w, r] of `explanation.examples`, or [N, r] of all texts. */
  coefficients: Tensor;
}

/** What stands in head.js. */
export interface HeadData {
  /** ONNX model h, base64. */
  model: string;
  /** Base64 of float32, little-endian, row-major: W [r, p]. */
  W: string;
  /** As W: u of each input of {@link LiveHead}, [inputs, T, r]. */
  u: string;
}

/**
 * The script with the head, and what the page says of it.
 *
 * @throws {@link CraftError} `SHAPE` if a tensor does not fit the explanation; `MODEL_UNSUPPORTED` if the head is too
 *   large for a page, or reads tokens (CLS) whose coefficients a run does not keep.
 */
export function liveHead({ explanation, head, W, coefficients }: LiveSource): {
  live: LiveHead;
  script: string;
} {
  const { concepts, factorization, inputs, layer } = explanation;
  const r = concepts.length;
  const unsupported = (expected: string, got: string): never => {
    throw new CraftError('MODEL_UNSUPPORTED', `liveHead: expected ${expected}; got ${got}`);
  };
  if (head.length > MOST_HEAD)
    unsupported(`a head of at most ${MOST_HEAD} bytes`, `${head.length}; cut later`);
  const dims = layer.dims.slice(1).map((d) => d ?? unsupported('a layer of known dims', `[${layer.dims}]`));
  const shape = latentShape([1, ...dims], layer);
  if (shape.prefixTokens > 0)
    unsupported(
      'a layer without tokens before the grid, whose coefficients a run does not keep',
      `${shape.prefixTokens} of them; explain at a layer after the last block of attention`,
    );
  const shown = inputs.kind === 'text' ? inputs.items.map((_, n) => n) : examplesOf(explanation);
  checkTensor(W, 'liveHead: W');
  checkTensor(coefficients, 'liveHead: coefficients');
  const u = shown.length * shape.locations * r;
  const isSplit = shape.layout === 'NC' && factorization.width === 2 * shape.width;
  const width = isSplit ? factorization.width : shape.width;
  if (String(W.dims) !== String([r, width]) || factorization.width !== width)
    throw new CraftError('SHAPE', `liveHead: expected W [${r}, ${width}]; got [${W.dims}]`);
  if (coefficients.data.length !== u || coefficients.dims[0] !== shown.length)
    throw new CraftError(
      'SHAPE',
      `liveHead: expected coefficients of ${shown.length} inputs, ${u} numbers; got [${coefficients.dims}]`,
    );
  if (Math.max(u, W.data.length) > MOST_VALUES)
    unsupported(`at most ${MOST_VALUES} coefficients`, `${u} and ${W.data.length} of W`);
  const data: HeadData = {
    model: base64(head),
    W: floats(isSplit ? joinSigns(W) : W),
    u: floats(coefficients),
  };
  const script = `craftXai.receive("head", ${JSON.stringify(data)});\n`;
  return { live: { ...LIVE_FILES, inputs: shown, bytes: script.length }, script };
}

const examplesOf = (explanation: Explained): number[] =>
  'examples' in explanation ? explanation.examples : [];

/** Base64 of float32: every machine that browsers run on is little-endian. */
function floats({ data }: Tensor): string {
  return base64(new Uint8Array(Float32Array.from(data).buffer));
}
