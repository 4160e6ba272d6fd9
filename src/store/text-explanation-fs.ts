// The folder of an explanation of texts: the two files of every explanation, with other contents.

import type { TextResult } from '../craft/text/explain-text.ts';
import { EXPLANATION_FILE, MATRICES_FILE } from './explanation.ts';
import { type ExtraFiles, readFolder, saveFiles } from './explanation-fs.ts';
import {
  textExplanationFromJson,
  textExplanationToJson,
  textMatricesFromBytes,
  textMatricesToBytes,
} from './text-explanation.ts';

/**
 * Writes an explanation of texts as a folder, all of it or nothing; an earlier one is replaced.
 *
 * @throws {@link CraftError} `FILE` if the folder holds something else, or cannot be written.
 */
export async function saveTextExplanation(
  folder: string,
  { explanation, matrices }: TextResult,
  extra: ExtraFiles = new Map(),
): Promise<void> {
  await saveFiles(
    folder,
    new Map<string, Uint8Array | string>([
      [EXPLANATION_FILE, textExplanationToJson(explanation)],
      [MATRICES_FILE, textMatricesToBytes(matrices)],
      ...extra,
    ]),
  );
}

/**
 * Reads an explanation that {@link saveTextExplanation} wrote.
 *
 * @throws {@link CraftError} `FILE` if it cannot be read, `FILE_FORMAT` if it is damaged, of images or of another
 *   version.
 */
export async function loadTextExplanation(folder: string): Promise<TextResult> {
  const { json, matrices } = await readFolder(folder);
  const explanation = textExplanationFromJson(json);
  return { explanation, matrices: textMatricesFromBytes(await matrices(), explanation) };
}
