// An explanation ⇄ the bytes of its two files. Everything read is checked: files come from anywhere.

import * as v from 'valibot';
import type { ExplainResult } from '../craft/explain.ts';
import {
  EXPLANATION_FORMAT,
  EXPLANATION_VERSION,
  type Explanation,
  ExplanationSchema,
} from '../craft/explanation.ts';
import { CraftError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { methodMapsOf, methodMapTensors } from './explanation-maps.ts';
import { robustnessFault } from './explanation-robustness.ts';
import { subConceptsOf, treeFault, treeMatrices } from './explanation-tree.ts';

export type Matrices = ExplainResult['matrices'];

/** File names of an explanation in its folder. */
export const EXPLANATION_FILE = 'explanation.json';
export const MATRICES_FILE = 'concepts.safetensors';

/** The text of explanation.json: the same explanation gives the same text. */
export function explanationToJson(explanation: Explanation): string {
  return `${JSON.stringify(explanation, null, 1)}\n`;
}

/**
 * Reads the text of explanation.json.
 *
 * @throws {@link CraftError} `FILE_FORMAT` that says what is wrong and where: no JSON, another format or
 *   version, or the first field that does not fit.
 */
export function explanationFromJson(text: string): Explanation {
  const raw = parseJson(text);
  const { format, version } = (raw ?? {}) as { format?: unknown; version?: unknown };
  if (format !== EXPLANATION_FORMAT) {
    throw damaged(`expected format "${EXPLANATION_FORMAT}"; got ${JSON.stringify(format) ?? 'none'}`);
  }
  if (version !== EXPLANATION_VERSION) {
    throw damaged(
      `expected version ${EXPLANATION_VERSION}; got ${JSON.stringify(version) ?? 'none'} – read it with the release of craft-xai that wrote it`,
    );
  }
  const result = parsed(raw);
  if (!result.success) {
    const [issue] = result.issues;
    throw damaged(
      `${v.getDotPath(issue) ?? 'top level'}: expected ${issue.expected ?? 'another value'}; got ${issue.received}`,
    );
  }
  checkIndices(result.output);
  return result.output;
}

/** A file may nest sub-concepts deeper than the stack is. */
function parsed(raw: unknown): v.SafeParseResult<typeof ExplanationSchema> {
  try {
    return v.safeParse(ExplanationSchema, raw);
  } catch (cause) {
    if (cause instanceof RangeError)
      throw damaged('expected sub-concepts of a few levels; got too many', cause);
    throw cause;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(`expected JSON; got text that is none (${(cause as Error).message})`, cause);
  }
}

function checkIndices(explanation: Explanation): void {
  const { concepts, inputs, examples } = explanation;
  const count = inputs.items.length;
  const fault = treeFault(explanation) ?? robustnessFault(explanation);
  if (fault) throw damaged(fault);
  const all = [...concepts, ...subConceptsOf(explanation)];
  const outside = [...examples, ...all.flatMap((c) => c.bestRows.map((row) => row.input))].find(
    (n) => n >= count,
  );
  if (outside !== undefined) throw damaged(`inputs.items: expected an input ${outside}; got ${count} inputs`);
  const unsafe = inputs.items.find(({ image }) => image !== null && !isAssetPath(image));
  if (unsafe)
    throw damaged(`inputs.items: expected images below assets/; got ${JSON.stringify(unsafe.image)}`);
  const odd = concepts.findIndex(({ id }, k) => id !== k);
  if (odd >= 0) throw damaged(`concepts.${odd}.id: expected ${odd}; got ${concepts[odd].id}`);
}

/** Whether a path stays in assets/: letters, digits, dash, underscore and dot, no dot first. */
function isAssetPath(path: string): boolean {
  return /^assets(\/[\w-][\w.-]*)+$/.test(path);
}

/** The bytes of concepts.safetensors. */
export function matricesToBytes({ tree, mapsBy, ...matrices }: Matrices): Uint8Array {
  return writeSafetensors(
    { ...matrices, ...methodMapTensors(mapsBy), ...tree },
    { format: EXPLANATION_FORMAT, version: String(EXPLANATION_VERSION) },
  );
}

/**
 * Reads concepts.safetensors and checks it against the explanation that it belongs to.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if a matrix is missing or has other dims than the explanation says.
 */
export function matricesFromBytes(bytes: Uint8Array, explanation: Explanation): Matrices {
  const { tensors } = readSafetensors(bytes);
  const { factorization, inputs, concepts, examples } = explanation;
  const r = concepts.length;
  const take = (name: string, dims: readonly (number | null)[]): Tensor => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (
      !found ||
      found.dims.length !== dims.length ||
      dims.some((d, k) => d !== null && d !== found.dims[k])
    ) {
      throw new CraftError(
        'FILE_FORMAT',
        `${MATRICES_FILE}: expected ${name} with dims [${dims.map((d) => d ?? 'any')}]; got ${found ? `[${found.dims}]` : 'none'}`,
      );
    }
    return found;
  };
  const tree = treeMatrices(explanation, take);
  return {
    W: take('W', [r, factorization.width]),
    U: take('U', [factorization.rows, r]),
    importance: take('importance', [r]),
    importance_per_input: take('importance_per_input', [inputs.items.length, r]),
    ...(tensors.contributions && { contributions: take('contributions', [inputs.items.length, r]) }),
    ...(tensors.maps && { maps: take('maps', [examples.length, null, null, r]) }),
    ...methodMapsOf(tensors, (name) => take(name, [examples.length, null, null, r])),
    ...(tree && { tree }),
  };
}

function damaged(what: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `${EXPLANATION_FILE}: ${what}`, { cause });
}
