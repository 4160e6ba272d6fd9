// An explanation of texts ⇄ the bytes of its two files. Everything read is checked: files come from anywhere.

import * as v from 'valibot';
import { EXPLANATION_FORMAT, EXPLANATION_VERSION } from '../craft/explanation.ts';
import type { TextResult } from '../craft/text/explain-text.ts';
import {
  type TextConcept,
  type TextExplanation,
  TextExplanationSchema,
} from '../craft/text/text-explanation.ts';
import { CraftError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { EXPLANATION_FILE, MATRICES_FILE } from './explanation.ts';

/** The text of explanation.json: the same explanation gives the same text. */
export function textExplanationToJson(explanation: TextExplanation): string {
  return `${JSON.stringify(explanation)}\n`;
}

/**
 * Reads the text of explanation.json, of a run on texts.
 *
 * @throws {@link CraftError} `FILE_FORMAT` that says what is wrong and where.
 */
export function textExplanationFromJson(text: string): TextExplanation {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw damaged(`expected JSON; got text that is none (${(cause as Error).message})`, cause);
  }
  const result = v.safeParse(TextExplanationSchema, raw);
  if (!result.success) {
    const [issue] = result.issues;
    throw damaged(
      `${v.getDotPath(issue) ?? 'top level'}: expected ${issue.expected ?? 'another value'}; got ${issue.received}`,
    );
  }
  checkReferences(result.output);
  return result.output;
}

/** Whether the text of an explanation.json is of a run on texts; false where it is none at all. */
export function isTextExplanation(json: string): boolean {
  try {
    return JSON.parse(json)?.inputs?.kind === 'text';
  } catch {
    return false;
  }
}

/** The bytes of concepts.safetensors. */
export function textMatricesToBytes(matrices: TextResult['matrices']): Uint8Array {
  return writeSafetensors(
    { ...matrices },
    { format: EXPLANATION_FORMAT, version: String(EXPLANATION_VERSION) },
  );
}

/**
 * Reads concepts.safetensors and checks it against the explanation that it belongs to.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if a matrix is missing or has other dims than the explanation says.
 */
export function textMatricesFromBytes(
  bytes: Uint8Array,
  explanation: TextExplanation,
): TextResult['matrices'] {
  const { tensors } = readSafetensors(bytes);
  const r = explanation.concepts.length;
  const n = explanation.factorization.rows;
  const N = explanation.inputs.items.length;
  const take = (name: string, dims: readonly number[]): Tensor => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (found && String(found.dims) === String(dims)) return found;
    throw new CraftError(
      'FILE_FORMAT',
      `${MATRICES_FILE}: expected ${name} with dims [${dims}]; got ${found ? `[${found.dims}]` : 'none'}`,
    );
  };
  return {
    W: take('W', [r, explanation.factorization.width]),
    U: take('U', [n, r]),
    U_texts: take('U_texts', [N, r]),
    importance: take('importance', [r]),
    importance_per_input: take('importance_per_input', [N, r]),
    units: checkedPlaces(take('units', [n, 3]), explanation),
  };
}

/** The places of units, each inside its text. */
function checkedPlaces(places: Tensor, { inputs: { items } }: TextExplanation): Tensor {
  const { data, dims } = places;
  for (let k = 0; k < data.length; k += 3) {
    if (isPlace(items, data[k], [data[k + 1], data[k + 2]])) continue;
    throw new CraftError(
      'FILE_FORMAT',
      `${MATRICES_FILE}: expected units, ${dims[0]} places inside the texts; got ${data.slice(k, k + 3)} in row ${k / 3}`,
    );
  }
  return places;
}

/** Whether there is such a text, and, as far as it is kept, such a span in it. */
function isPlace(
  items: TextExplanation['inputs']['items'],
  input: number,
  [start, end]: readonly [number, number],
): boolean {
  if (!(input >= 0 && input < items.length && start >= 0 && start <= end)) return false;
  const { text } = items[input];
  return text == null || end <= text.length;
}

/** Every index points at something, and every span lies in its text. */
function checkReferences(explanation: TextExplanation): void {
  const { inputs, factorization, concepts, examples, heatmaps, compare } = explanation;
  const { items } = inputs;
  const r = concepts.length;
  const isIn = (input: number, span: readonly [number, number]): boolean => isPlace(items, input, span);
  const isUnit = ({ input, span: [first, last], words = [] }: TextConcept['bestUnits'][number]): boolean =>
    isIn(input, [first, last]) &&
    words.every(([start, end]) => first <= start && start <= end && end <= last);
  const rows = concepts.flatMap(({ draft, bestUnits }) => [
    ...bestUnits.map(({ row }) => row),
    ...draft.terms.flatMap((term) => term.rows),
  ]);
  const checks: [boolean, string][] = [
    [rows.every((row) => row < factorization.rows), 'concepts: expected rows of U'],
    [
      concepts.every(({ id, bestUnits }, k) => id === k && bestUnits.every(isUnit)),
      'concepts: expected ids in order, and units inside the texts',
    ],
    [examples.every((n) => n < items.length), 'examples: expected texts'],
    [
      heatmaps.every(
        ({ input, spans, scores }) =>
          spans.every((span) => isIn(input, span)) &&
          scores.length === spans.length &&
          scores.every((row) => row.length === r),
      ),
      'heatmaps: expected a row of scores for each span, a score for each concept',
    ],
    [
      compare === null ||
        (compare.groups.length === 2 &&
          compare.concepts.length === r &&
          compare.concepts.every(
            ({ id, importance, effect }, k) => id === k && importance.length === 2 && effect.length === 2,
          )),
      'compare: expected two groups and every concept',
    ],
  ];
  const fault = checks.find(([holds]) => !holds);
  if (fault) throw damaged(`${fault[1]}; got others`);
}

function damaged(what: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `${EXPLANATION_FILE}: ${what}`, { cause });
}
