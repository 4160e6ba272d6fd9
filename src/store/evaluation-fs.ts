// evaluation.json in the folder of its explanation.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { Explanation } from '../craft/explanation.ts';
import { CraftError } from '../errors.ts';
import { EVALUATION_FILE, evaluationFromJson, evaluationToJson } from './evaluation.ts';
import { replaceFile } from './explanation-fs.ts';

const MAX_BYTES = 64 * 2 ** 20;

/** Writes evaluation.json, whole or not at all. @throws {@link CraftError} `FILE`. */
export async function saveEvaluation(folder: string, evaluation: Evaluation): Promise<void> {
  await replaceFile(join(folder, EVALUATION_FILE), evaluationToJson(evaluation));
}

/**
 * Reads the evaluation in an explanation's folder; null if it has none.
 *
 * @throws {@link CraftError} `FILE` if it cannot be read, `FILE_FORMAT` if it is damaged or of another explanation.
 */
export async function loadEvaluation(folder: string, explanation: Explanation): Promise<Evaluation | null> {
  const path = join(folder, EVALUATION_FILE);
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new CraftError('FILE_FORMAT', `${path}: expected at most ${MAX_BYTES} bytes; got ${size}`);
    }
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof CraftError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CraftError('FILE', `${path}: expected to read it; got ${(cause as Error).message}`, { cause });
  }
  return evaluationFromJson(text, explanation);
}
