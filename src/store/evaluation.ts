// An evaluation ⇄ the text of evaluation.json, checked against the explanation that it is of.

import * as v from 'valibot';
import {
  EVALUATION_FORMAT,
  EVALUATION_VERSION,
  type Evaluation,
  EvaluationSchema,
} from '../craft/attribution/evaluation.ts';
import type { Explanation } from '../craft/explanation.ts';
import { CraftError } from '../errors.ts';

/** File name of an evaluation in the folder of its explanation. */
export const EVALUATION_FILE = 'evaluation.json';

/** The text of evaluation.json. */
export function evaluationToJson(evaluation: Evaluation): string {
  return `${JSON.stringify(evaluation, null, 1)}\n`;
}

/**
 * Reads the text of evaluation.json.
 *
 * @throws {@link CraftError} `FILE_FORMAT` if it is no JSON, of another format or version, has a field that
 *   does not fit, or is of another explanation.
 */
export function evaluationFromJson(text: string, explanation: Explanation): Evaluation {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw damaged(`expected JSON; got text that is none (${(cause as Error).message})`, cause);
  }
  const { format, version } = (raw ?? {}) as { format?: unknown; version?: unknown };
  if (format !== EVALUATION_FORMAT || version !== EVALUATION_VERSION) {
    throw damaged(
      `expected format "${EVALUATION_FORMAT}", version ${EVALUATION_VERSION}; got ${JSON.stringify(format) ?? 'none'}, ${JSON.stringify(version) ?? 'none'}`,
    );
  }
  const result = v.safeParse(EvaluationSchema, raw);
  if (!result.success) {
    const [issue] = result.issues;
    throw damaged(
      `${v.getDotPath(issue) ?? 'top level'}: expected ${issue.expected ?? 'another value'}; got ${issue.received}`,
    );
  }
  checkOwner(result.output, explanation);
  return result.output;
}

function checkOwner(evaluation: Evaluation, { model, class: target, concepts, inputs }: Explanation): void {
  const r = concepts.length;
  const isOwn =
    evaluation.model === model.sha256 &&
    evaluation.class.id === target.id &&
    evaluation.settings.concepts.every((id) => id < r) &&
    evaluation.images.every((n) => n < inputs.items.length) &&
    (evaluation.conceptOrders ?? []).every(
      ({ deletion, insertion }) => deletion.values.length === r + 1 && insertion.values.length === r + 1,
    );
  if (!isOwn) throw damaged('expected the evaluation of this explanation; got that of another one');
}

function damaged(what: string, cause?: unknown): CraftError {
  return new CraftError('FILE_FORMAT', `${EVALUATION_FILE}: ${what} – run craft-xai evaluate again`, {
    cause,
  });
}
