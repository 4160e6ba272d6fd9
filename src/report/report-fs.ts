import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CraftError } from '../errors.ts';
import { loadEvaluation } from '../store/evaluation-fs.ts';
import { loadExplanation, readFolder, replaceFile } from '../store/explanation-fs.ts';
import { isTextExplanation } from '../store/text-explanation.ts';
import { loadTextExplanation } from '../store/text-explanation-fs.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { engineScript } from './engine-fs.ts';
import { type LiveSource, liveHead } from './live-head.ts';
import { renderReport, renderTextReport } from './render.ts';
import type { LiveHead } from './report-data.ts';

/** Name of the page in an explanation's folder. */
export const REPORT_FILE = 'index.html';

/**
 * Writes the page of an explanation from its files, in place of an earlier one.
 *
 * @param folder - that `saveExplanation` wrote.
 * @param head - ONNX model h, its weights inside, to run in the page; default: null, a page of one file.
 * @returns path of the page.
 * @throws {@link CraftError} `FILE`, `FILE_FORMAT`; with a head also those of {@link liveHead} and
 *   {@link engineScript}.
 */
export async function writeReport(folder: string, head: Uint8Array | null = null): Promise<string> {
  const page = join(folder, REPORT_FILE);
  const { json } = await readFolder(folder);
  if (isTextExplanation(json)) {
    const { explanation, matrices } = await loadTextExplanation(folder);
    const { W, U_texts: coefficients } = matrices;
    const live = await writeLive(folder, head && { explanation, head, W, coefficients });
    await replaceFile(page, renderTextReport({ explanation, ...matrices, live }));
    return page;
  }
  const { explanation, matrices } = await loadExplanation(folder);
  const evaluation = await loadEvaluation(folder, explanation);
  const { W, maps: coefficients } = matrices;
  const live = await writeLive(folder, head && { explanation, head, W, coefficients });
  await replaceFile(page, renderReport({ explanation, ...matrices, evaluation, live }));
  return page;
}

/** Writes the scripts of a live page, and says what the page has to know of them. */
async function writeLive(
  folder: string,
  source: (Omit<LiveSource, 'coefficients'> & { coefficients?: Tensor | null }) | null,
): Promise<LiveHead | null> {
  if (!source) return null;
  const { coefficients } = source;
  if (!coefficients) {
    throw new CraftError(
      'FILE_FORMAT',
      'live report: expected the coefficients of whole inputs in the folder; it has none – explain again',
    );
  }
  const { live, script } = liveHead({ ...source, coefficients });
  await mkdir(dirname(join(folder, live.head)), { recursive: true });
  await replaceFile(join(folder, live.head), script);
  await replaceFile(join(folder, live.engine), await engineScript());
  return live;
}
