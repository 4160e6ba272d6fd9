import { join } from 'node:path';
import { loadEvaluation } from '../store/evaluation-fs.ts';
import { loadExplanation, readFolder, replaceFile } from '../store/explanation-fs.ts';
import { isTextExplanation } from '../store/text-explanation.ts';
import { loadTextExplanation } from '../store/text-explanation-fs.ts';
import { renderReport, renderTextReport } from './render.ts';

/** Name of the page in an explanation's folder. */
export const REPORT_FILE = 'index.html';

/**
 * Writes the page of an explanation from its files, in place of an earlier one.
 *
 * @param folder - that `saveExplanation` wrote.
 * @returns path of the page.
 * @throws {@link CraftError} `FILE`, `FILE_FORMAT`.
 */
export async function writeReport(folder: string): Promise<string> {
  const page = join(folder, REPORT_FILE);
  const { json } = await readFolder(folder);
  if (isTextExplanation(json)) {
    const { explanation, matrices } = await loadTextExplanation(folder);
    await replaceFile(page, renderTextReport({ explanation, ...matrices }));
    return page;
  }
  const { explanation, matrices } = await loadExplanation(folder);
  const evaluation = await loadEvaluation(folder, explanation);
  await replaceFile(page, renderReport({ explanation, ...matrices, evaluation }));
  return page;
}
