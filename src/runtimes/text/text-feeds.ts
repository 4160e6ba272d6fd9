// Token ids of several texts as the tensors that a model asks for.

import { CraftError } from '../../errors.ts';
import type { Tokens } from '../../inputs/text/tokens.ts';
import type { TensorInfo } from '../../onnx/inspect.ts';
import type { Tensor } from '../../tensor/tensor.ts';

type Role = 'ids' | 'mask' | 'types' | 'positions';

/** What an input of the model is for, by the names that optimum, torch and tf2onnx give. */
const NAMES: readonly [Role, RegExp][] = [
  ['mask', /mask/i],
  ['types', /token_?type|segment/i],
  ['positions', /position/i],
];

/** The inputs of a text model. */
export interface TextInputs {
  /** Name of the input with the token ids. */
  readonly ids: string;
  readonly roles: ReadonlyMap<string, Role>;
  /** Texts in one run; null if any number goes. */
  readonly batch: number | null;
  /** Tokens of every text; null if any number goes. */
  readonly length: number | null;
}

/**
 * Tells what each input is for.
 *
 * @param ids - the input that holds the token ids.
 * @throws {@link CraftError} `MODEL_UNSUPPORTED` if one is for something else.
 */
export function textInputs(inputs: readonly TensorInfo[], ids: string): TextInputs {
  const roles = new Map<string, Role>();
  for (const { name, dims } of inputs) {
    const role = name === ids ? 'ids' : NAMES.find(([, pattern]) => pattern.test(name))?.[0];
    if (role === undefined || (dims.length > 0 && dims.length !== 2)) {
      throw new CraftError(
        'MODEL_UNSUPPORTED',
        `model inputs: expected token ids, attention mask, token types and position ids, [N, T] each; got ${name} [${dims}] – export the model for sequence classification`,
      );
    }
    roles.set(name, role);
  }
  const [batch, length] = inputs.find(({ name }) => name === ids)?.dims ?? [];
  return { ids, roles, batch: fixed(batch), length: fixed(length) };
}

function fixed(dim: unknown): number | null {
  return typeof dim === 'number' ? dim : null;
}

/**
 * The tensors of a batch, [N, T] each, shorter texts filled up to the longest.
 *
 * @param names - of the inputs that are wanted: a part of a model need not have all.
 */
export function textFeeds(
  texts: readonly Tokens[],
  { roles, batch, length }: TextInputs,
  padId: number,
  names: readonly string[],
): Record<string, Tensor> {
  const T = length ?? texts.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const N = batch ?? texts.length;
  const feeds: Record<string, Tensor> = {};
  for (const name of names) {
    const role = roles.get(name);
    if (role === undefined) continue;
    const data = new Int32Array(N * T).fill(role === 'ids' ? padId : 0);
    for (let n = 0; n < N; n++) {
      // a batch of fixed size is filled with copies of its first text
      fillRow(data.subarray(n * T, (n + 1) * T), role, texts[n] ?? texts[0]);
    }
    feeds[name] = { data, dims: [N, T] };
  }
  return feeds;
}

function fillRow(row: Int32Array, role: Role, { ids, typeIds }: Tokens): void {
  switch (role) {
    case 'ids':
      row.set(ids);
      return;
    case 'types':
      row.set(typeIds);
      return;
    case 'mask':
      row.fill(1, 0, ids.length);
      return;
    case 'positions':
      for (let t = 0; t < row.length; t++) row[t] = t;
  }
}
