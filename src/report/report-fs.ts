import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CraftError } from '../errors.ts';
import { loadEvaluation } from '../store/evaluation-fs.ts';
import { explanationFromJson, matricesFromBytes } from '../store/explanation.ts';
import { readFolder, replaceFile } from '../store/explanation-fs.ts';
import {
  isTextExplanation,
  textExplanationFromJson,
  textMatricesFromBytes,
} from '../store/text-explanation.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { engineScript } from './engine-fs.ts';
import { type LiveSource, liveHead } from './live-head.ts';
import { pageTexts } from './page-texts.ts';
import { renderReport, renderTextReport } from './render.ts';
import type { Explained, LiveHead } from './report-data.ts';

/** Name of the page in an explanation's folder. */
export const REPORT_FILE = 'index.html';

/** The second half of the model of an explanation: ONNX model h, its weights inside. */
export type HeadOf = (explanation: Explained) => Promise<Uint8Array>;

/**
 * Writes the page of an explanation from its files, in place of an earlier one.
 *
 * @param folder - that `saveExplanation` wrote; each of its files is read once.
 * @param headOf - gives h, to run in the page; default: null, a page of one file.
 * @returns path of the page.
 * @throws {@link CraftError} `FILE`, `FILE_FORMAT`; with a head also those of {@link liveHead} and
 *   {@link engineScript}, and what `headOf` throws.
 */
export async function writeReport(folder: string, headOf: HeadOf | null = null): Promise<string> {
  const page = join(folder, REPORT_FILE);
  const { json, matrices: readMatrices } = await readFolder(folder);
  if (isTextExplanation(json)) {
    const explanation = textExplanationFromJson(json);
    const head = headOf && (await headOf(explanation));
    const matrices = textMatricesFromBytes(await readMatrices(), explanation);
    const { source, leftOut } = pageTexts({ explanation, ...matrices });
    const { W, U_texts: coefficients } = source;
    const live = await writeLive(folder, head && { explanation: source.explanation, head, W, coefficients });
    await replaceFile(page, renderTextReport({ ...source, leftOut, live }));
    return page;
  }
  const explanation = explanationFromJson(json);
  const head = headOf && (await headOf(explanation));
  const matrices = matricesFromBytes(await readMatrices(), explanation);
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
