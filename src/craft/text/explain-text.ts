// One run on texts: a classifier and texts in, an explanation out.

import { findClass } from '../../inputs/labels.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { reorderColumns, reorderRows } from '../concept-list.ts';
import type { Importance } from '../importance.ts';
import { withoutPrefix } from '../maps.ts';
import { Stopwatch } from '../stopwatch.ts';
import { compareGroups, selectRows } from './compare-groups.ts';
import { reportWay, signsReport } from './compare-signs.ts';
import { draftLabels } from './draft-labels.ts';
import { encodeTexts, type TextLatents } from './encode-texts.ts';
import { widthOf } from './latent-matrix.ts';
import { otherWays } from './signs-ways.ts';
import { assembleText } from './text-assemble.ts';
import { shownIn, textConcepts } from './text-concepts.ts';
import { readTexts } from './text-data.ts';
import type { TextEffects } from './text-effects.ts';
import type { GroupComparison, SignsReport, TextConcept, TextExplanation } from './text-explanation.ts';
import type { TextFacts } from './text-facts.ts';
import { type FittedTexts, fitTexts, importanceIn, inOrder, type TextRun } from './text-fit.ts';
import { heatmapsOf, shownTexts } from './text-heatmaps.ts';
import { passOver, someTexts } from './text-passes.ts';
import type { TextRequest } from './text-request.ts';
import { withUnitMaps } from './unit-maps.ts';
import { placesOf } from './unit-table.ts';

/** An explanation with its matrices, concepts in order of importance in all of them. */
export interface TextResult {
  readonly explanation: TextExplanation;
  readonly matrices: {
    /** Concept bank [r, p]; [r, 2p] where signs are split. */
    readonly W: Tensor;
    /** Coefficients of the units [n, r]. */
    readonly U: Tensor;
    /** Coefficients of the texts [N, r]. */
    readonly U_texts: Tensor;
    /** Total Sobol indices [r]. */
    readonly importance: Tensor;
    /** [N, r]. */
    readonly importance_per_input: Tensor;
    /** Place of every row of U: text, start, end in UTF-16 units: int32 [n, 3]. */
    readonly units: Tensor;
  };
}

/**
 * Explains one class of a text classifier by concepts: units → A → U W, importance over whole texts, labels from the
 * words of units, heatmaps by occlusion, and where asked two groups compared. g runs once on every unit and every
 * text, and on every shown text and every best unit without each of its parts.
 *
 * Texts are read several times and not held: what stays is their places and coefficients, their latents where these are
 * few (else they are in `effects.storage`), and the few texts that are shown.
 *
 * @throws {@link CraftError} `CLASS_NOT_FOUND`, `NO_INPUTS`, `CUT_MISMATCH`, `OPTION`, `FILE`, `ABORTED`.
 */
export async function explainText(request: TextRequest, effects: TextEffects): Promise<TextResult> {
  const { classifier } = effects;
  const run = { signal: effects.signal, onProgress: effects.onProgress };
  const target = findClass(classifier.labels ?? [], String(request.class), classifier.classes);
  const watch = new Stopwatch();
  const data = await watch.time('read', () => readTexts(request, effects));
  const job: TextRun = { request, effects, target, data, watch, run };
  const cutCheck = await watch.time('check', () => classifier.check(data.first));
  let truncated = 0;
  const latents = await watch.time('encode', () =>
    encodeTexts(data, effects, classifier, request, (text) => {
      if (classifier.tokenize(text).truncated > 0) truncated++;
    }),
  );
  const fitted = await fitTexts(job, latents);
  const { fit, order, importance, reconstruction } = fitted;
  const truth = truthOf(job);
  const signs = await watch.time('signs', () => signsOf(job, fitted, latents, truth));
  const compare = await comparisonOf(job, fitted);
  const examples = shownTexts(reconstruction.logits, target.id, request.examples);
  const U = reorderColumns(fit.U, order);
  const labels = await watch.time('labels', () => draftLabels(U, data.units, () => passOver(effects, data)));
  const listed = textConcepts(U, importance, data.units, labels);
  const texts = await watch.time('read', () =>
    someTexts(effects, data, shownIn(examples, listed, data.units)),
  );
  const located = await watch.time('heatmaps', () => locatedIn(job, fitted, examples, listed, texts));
  const facts: TextFacts = {
    data,
    texts,
    truncated,
    request,
    effects,
    target,
    cutCheck,
    fit,
    importance,
    reconstruction,
    truth,
    examples,
    ...located,
    signs,
    compare,
  };
  return {
    explanation: assembleText(facts, watch.seconds()),
    matrices: {
      W: reorderRows(fit.W, order),
      U,
      U_texts: fitted.U_texts,
      importance: { data: importance.total, dims: [order.length] },
      importance_per_input: importance.perInput,
      units: placesOf(data.units),
    },
  };
}

/** The way that is taken, and the others where they are asked for and there are signs. */
async function signsOf(
  { request, effects, target, data, run }: TextRun,
  { way: main, fit, reconstruction }: FittedTexts,
  latents: TextLatents,
  truth: readonly number[],
): Promise<SignsReport[]> {
  const width = widthOf(main.texts);
  const isSplit = main.way === 'split';
  const way = isSplit ? 'split' : fit.method;
  const found = [signsReport(way, main.layer, reconstruction, { width, classId: target.id, truth })];
  if (!request.compareSigns || (fit.method === 'nmf' && !isSplit)) return found;
  for (const other of await otherWays(main, request, effects, data, latents)) {
    found.push(await reportWay(other, target.id, truth, run));
  }
  return found;
}

async function comparisonOf(
  { request, effects, target, data, watch, run }: TextRun,
  fitted: FittedTexts,
): Promise<GroupComparison | null> {
  const { compare: other, confidence, seed } = request;
  if (other === null) return null;
  const { labels } = data;
  const classLabels = effects.classifier.labels ?? [];
  const { order, coefficients, U_texts } = fitted;
  const { logits, reconstructed } = fitted.reconstruction;
  const { data: u, count, rank, shape } = coefficients;
  const compared = { labels, logits, reconstructed, classLabels, target };
  const importanceOf = async (members: readonly number[], classId: number): Promise<Importance> => {
    const { data: own } = selectRows({ data: u, dims: [count, rank] }, members);
    const some = { data: own, count: members.length, rank, shape };
    return inOrder(await importanceIn(fitted, some, classId, request, run), order);
  };
  return watch.time('compare', () =>
    compareGroups(other, compared, U_texts, importanceOf, { confidence, seed }),
  );
}

/** Where concepts are in the texts that are shown, and in their best units. */
async function locatedIn(
  { effects: { classifier }, run }: TextRun,
  { way: { parts }, fit: { W }, order }: FittedTexts,
  examples: readonly number[],
  concepts: readonly TextConcept[],
  texts: ReadonlyMap<number, string>,
): Promise<Pick<TextFacts, 'heatmaps' | 'concepts'>> {
  const coefficients = async (strings: string[]): Promise<Tensor> =>
    withoutPrefix(await parts.coefficients(strings, W, run));
  const facts = { classifier, order, coefficients };
  return {
    heatmaps: await heatmapsOf(examples, texts, facts, run),
    concepts: await withUnitMaps(concepts, texts, facts, run),
  };
}

/** The class of each text by its label; −1 where it has none that is a class. */
function truthOf({ data, effects: { classifier } }: TextRun): number[] {
  const { labels } = classifier;
  return data.labels.map((label) => (label === null || labels === null ? -1 : labels.indexOf(label)));
}
