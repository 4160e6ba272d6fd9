// One run on texts: a classifier and texts in, an explanation out.

import { CraftError } from '../../errors.ts';
import { findClass } from '../../inputs/labels.ts';
import type { TextItem } from '../../inputs/text/text-source.ts';
import { textUnits, unitText } from '../../inputs/text/text-units.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextClassifier } from '../classifier.ts';
import { conceptOrder, reorderColumns, reorderRows } from '../concept-list.ts';
import { Craft } from '../craft.ts';
import type { Importance } from '../importance.ts';
import { Stopwatch } from '../stopwatch.ts';
import { compareGroups, selectRows } from './compare-groups.ts';
import { reportWay, type SignsWay, signsReport } from './compare-signs.ts';
import { encodeTexts } from './encode-texts.ts';
import { splitSigns, withSplitSigns } from './split-signs.ts';
import { assembleText } from './text-assemble.ts';
import type { TextExplanation } from './text-explanation.ts';
import type { TextEffects, TextFacts } from './text-facts.ts';
import { heatmapsOf, shownTexts } from './text-heatmaps.ts';
import type { TextRequest } from './text-request.ts';

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
  };
}

const CHECKED = 4;

/**
 * Explains one class of a text classifier by concepts: units → A → U W, importance over whole texts, labels from the
 * words of units, heatmaps by occlusion, and where asked two groups compared. g runs once on every unit and every
 * text, and on every shown text without each of its parts.
 *
 * @throws {@link CraftError} `CLASS_NOT_FOUND`, `NO_INPUTS`, `CUT_MISMATCH`, `OPTION`, `ABORTED`.
 */
export async function explainText(request: TextRequest, effects: TextEffects): Promise<TextResult> {
  const { classifier } = effects;
  const run = { signal: effects.signal, onProgress: effects.onProgress };
  const target = findClass(classifier.labels ?? [], String(request.class), classifier.classes);
  const watch = new Stopwatch();
  const items = await watch.time('read', () => readItems(effects));
  const texts = items.map(({ text }) => text);
  const units = textUnits(texts, { kind: request.units, windowWords: request.windowWords });
  const contents = units.map((unit) => unitText(texts, unit));
  const cutCheck = await watch.time('check', () => classifier.check(texts.slice(0, CHECKED)));

  const encode = (
    strings: readonly string[],
    stage: 'encode' | 'transform',
    g = classifier,
  ): Promise<Tensor<Float32Array>> =>
    encodeTexts(strings, (batch) => g.inputToLatent(batch), request.batchSize, { ...run, stage });
  const unitLatents = await watch.time('encode', () => encode(contents, 'encode'));
  const textLatents = await watch.time('transform', () => encode(texts, 'transform'));
  const main = wayOf(request, classifier, unitLatents, textLatents);
  const { craft } = main;
  const fit = await watch.time('fit', () => craft.fit(main.units, run));
  const settings = importanceSettings(request);
  const importance = await watch.time('importance', () =>
    craft.estimateImportance(main.texts, { ...settings, classId: target.id, ...run }),
  );
  const reconstruction = await watch.time('completeness', () => craft.reconstruct(main.texts, run));
  const order = conceptOrder(importance.total);
  const ordered = orderedImportance(importance, order);
  const U = reorderColumns(await craft.transform(main.texts, run), order);

  const truth = truthOf(items, classifier);
  const signs = await watch.time('signs', async () => {
    const width = main.texts.dims[1];
    const way = main.way === 'split' ? 'split' : fit.method;
    const found = [signsReport(way, main.layer, reconstruction, { width, classId: target.id, truth })];
    if (!request.compareSigns || (fit.method === 'nmf' && main.way !== 'split')) return found;
    for (const other of await otherWays(main, request, effects, {
      unitLatents,
      textLatents,
      contents,
      texts,
      encode,
    })) {
      found.push(await reportWay(other, target.id, truth, run));
    }
    return found;
  });
  const compared = {
    labels: items.map(({ label }) => label),
    logits: reconstruction.logits,
    classLabels: classifier.labels ?? [],
    target,
  };
  const { compare: other } = request;
  const compare =
    other === null
      ? null
      : await watch.time('compare', () =>
          compareGroups(
            other,
            compared,
            U,
            async (members, classId) =>
              orderedImportance(
                await craft.estimateImportance(selectRows(main.texts, members), {
                  ...settings,
                  classId,
                  ...run,
                }),
                order,
              ),
            { confidence: request.confidence, seed: request.seed },
          ),
        );
  const examples = shownTexts(reconstruction.logits, target.id, request.examples);
  const heatmaps = await watch.time('heatmaps', () =>
    heatmapsOf(
      examples,
      texts,
      { classifier, order, coefficients: (strings) => craft.transform(strings, run) },
      run,
    ),
  );
  const facts: TextFacts = {
    request,
    effects,
    target,
    cutCheck,
    items,
    units,
    contents,
    fit,
    U: reorderColumns(fit.U, order),
    importance: ordered,
    reconstruction,
    truth,
    examples,
    heatmaps,
    signs,
    compare,
  };
  return {
    explanation: assembleText(facts, watch.seconds()),
    matrices: {
      W: reorderRows(fit.W, order),
      U: facts.U,
      U_texts: U,
      importance: { data: ordered.total, dims: [order.length] },
      importance_per_input: ordered.perInput,
    },
  };
}

async function readItems({ source, signal }: TextEffects): Promise<TextItem[]> {
  const items: TextItem[] = [];
  for await (const batch of source) {
    if (signal?.aborted) throw new CraftError('ABORTED', 'explain: stopped by the caller');
    for (const item of batch) items.push(item);
  }
  if (items.length > 0) return items;
  throw new CraftError(
    'NO_INPUTS',
    `${source.source}: expected at least one text; got none (${source.skippedCount} rows skipped${source.skipped[0] ? `, the first because ${source.skipped[0].reason}` : ''})`,
  );
}

function importanceSettings({ nbDesign, sampler, estimator, confidence }: TextRequest) {
  return { nbDesign, sampler, estimator, confidence };
}

/** The way that the request asks for. */
function wayOf(
  request: TextRequest,
  classifier: TextClassifier,
  units: Tensor,
  texts: Tensor,
  factorizer: TextRequest['factorizer'] = request.factorizer,
): SignsWay {
  const options = {
    ...classifier,
    numberOfConcepts: request.concepts,
    batchSize: request.batchSize,
    seed: request.seed,
    activations: null,
  };
  const layer = classifier.layer.tensor;
  if (factorizer === 'split') {
    const craft = new Craft({ ...withSplitSigns(options), factorizer: 'nmf' });
    return { way: 'split', layer, craft, units: splitSigns(units), texts: splitSigns(texts) };
  }
  const way = factorizer === 'nmf' ? 'nmf' : 'semi-nmf';
  return { way, layer, craft: new Craft({ ...options, factorizer }), units, texts };
}

interface Encoded {
  readonly unitLatents: Tensor;
  readonly textLatents: Tensor;
  readonly contents: readonly string[];
  readonly texts: readonly string[];
  encode(
    strings: readonly string[],
    stage: 'encode' | 'transform',
    g: TextClassifier,
  ): Promise<Tensor<Float32Array>>;
}

/** The ways that the request does not ask for. */
async function otherWays(
  main: SignsWay,
  request: TextRequest,
  { classifier, relu }: TextEffects,
  { unitLatents, textLatents, contents, texts, encode }: Encoded,
): Promise<SignsWay[]> {
  const other = main.way === 'split' ? 'semi-nmf' : 'split';
  const ways = [wayOf(request, classifier, unitLatents, textLatents, other)];
  if (relu) {
    const [units, whole] = [await encode(contents, 'encode', relu), await encode(texts, 'transform', relu)];
    ways.push({ ...wayOf(request, relu, units, whole, 'auto'), way: 'relu' });
  }
  return ways;
}

/** The class of each text by its label; −1 where it has none that is a class. */
function truthOf(items: readonly TextItem[], { labels }: TextClassifier): number[] {
  return items.map(({ label }) => (label === null || labels === null ? -1 : labels.indexOf(label)));
}

function orderedImportance(importance: Importance, order: readonly number[]): Importance {
  const inOrder = (values: Float64Array): Float64Array => Float64Array.from(order, (i) => values[i]);
  return {
    ...importance,
    total: inOrder(importance.total),
    lower: inOrder(importance.lower),
    upper: inOrder(importance.upper),
    effect: inOrder(importance.effect),
    aboveNext: inOrder(importance.aboveNext),
    perInput: reorderColumns(importance.perInput, order) as Importance['perInput'],
  };
}
