import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latentFiles } from '../../store/latent-files-fs.ts';
import {
  textExplanationFromJson,
  textExplanationToJson,
  textMatricesFromBytes,
  textMatricesToBytes,
} from '../../store/text-explanation.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextClassifier } from '../classifier.ts';
import { explainText } from './explain-text.ts';
import type { LatentStorage } from './latent-storage.ts';
import type { TextEffects } from './text-effects.ts';
import { parseTextRequest } from './text-request.ts';

const WORDS = ['loan', 'pill', 'kernel', 'the'];

/** g counts words, minus how often it says `never`; h: loans and pills for spam, kernels for ham. */
function counting(): { classifier: TextClassifier; runs: () => number } {
  let runs = 0;
  const latentToLogit = async ({ data, dims: [n] }: Tensor) => ({
    data: Float32Array.from({ length: 2 * n }, (_, k) => {
      const [loan, pill, kernel] = data.subarray(4 * (k >> 1), 4 * (k >> 1) + 3);
      return k % 2 === 1 ? Math.tanh(loan) + 0.5 * pill : kernel;
    }),
    dims: [n, 2],
  });
  const inputToLatent = async (batch: unknown) => {
    const texts = batch as string[];
    runs += texts.length;
    const counts = texts.flatMap((text) =>
      WORDS.map((word) => text.toLowerCase().split(word).length - 1 - 0.1 * (text.split('never').length - 1)),
    );
    return { data: Float32Array.from(counts), dims: [texts.length, 4] };
  };
  const tokenize = (text: string) => ({
    ids: Int32Array.of(1),
    typeIds: Int32Array.of(0),
    pieces: [text],
    offsets: Int32Array.of(0, text.length),
    truncated: 0,
  });
  const classifier = {
    inputToLatent,
    latentToLogit,
    foldHead: async () => null,
    tokenStates: null,
    tokenize,
    labels: ['ham', 'spam'],
    classes: 2,
    affineHead: false,
    check: async () => ({ inputs: 4, maxAbsDifference: 0, maxAbsLogit: 1 }),
    model: {
      name: 'm',
      format: 'onnx',
      sha256: '',
      bytes: 1,
      input: { name: 'ids', dims: [null, null] },
      output: { name: 'y', dims: [null, 2] },
    },
    layer: {
      tensor: 'a',
      name: 'a',
      op: 'Add',
      dims: [null, 4],
      layout: 'NC',
      prefixTokens: 0,
      reads: 'all',
      chosenBy: 'user',
    },
    latentLayout: 'NC',
    prefixTokens: 0,
    reads: 'all',
    versions: {},
    warnings: [],
  } as unknown as TextClassifier;
  return { classifier, runs: () => runs };
}

const texts = Array.from({ length: 24 }, (_, n) => {
  const topics = n % 2 === 0 ? ['cheap loan', 'blue pill'] : ['linux kernel', 'kernel patch'];
  const sentence = (topic: string, k: number) =>
    `We write the mail ${'abcdefghijklmnopqrstuvwxyz'[(n + k) % 26]}x about a ${topic} and what it is for, so that you never wonder.`;
  return {
    id: `row ${n}`,
    text: `${sentence(topics[0], 0)} ${sentence(topics[(n >> 1) % 2], 1)}`,
    label: n % 2 === 0 ? 'spam' : 'ham',
  };
});

const effects = (classifier: TextClassifier): TextEffects => ({
  classifier,
  limit: null,
  source: {
    source: 'mails.csv',
    names: texts.map(({ id }) => id),
    skipped: [],
    skippedCount: 0,
    duplicates: 0,
    total: texts.length,
    async *[Symbol.asyncIterator]() {
      yield texts.slice(0, 10);
      yield texts.slice(10);
    },
  },
});

describe('explainText', () => {
  const request = parseTextRequest({ class: 'spam', concepts: 3, compare: 'ham', examples: 2 });

  it('explains, and what it writes is what it reads', async () => {
    const { classifier, runs } = counting();
    const { explanation, matrices } = await explainText(request, effects(classifier));
    expect(explanation.factorization.method).toBe('semi-nmf');
    expect(explanation.inputs.accuracy).toBe(1);
    expect(explanation.signs.map(({ way }) => way)).toEqual(['semi-nmf', 'split']);
    expect(matrices.units.dims).toEqual([48, 3]);
    expect(matrices.U_texts.dims).toEqual([24, 3]);
    // one run a unit and a text, and one more than parts for each of two shown texts
    const parts = explanation.heatmaps.reduce((sum, { spans }) => sum + spans.length + 1, 0);
    // and of each best unit
    const bestUnits = explanation.concepts.flatMap((concept) => concept.bestUnits);
    const mapped = new Map(bestUnits.map(({ row, words }) => [row, words!.length + 1]));
    const unitParts = [...mapped.values()].reduce((sum, count) => sum + count, 0);
    expect(runs()).toBe(48 + 24 + parts + unitParts);

    const kernel = explanation.concepts.find(({ draft }) => draft.text.includes('kernel'));
    expect(kernel?.bestUnits[0].value).toBeGreaterThan(0);
    // the unit loses the concept with the phrase that names it
    const { input, words } = kernel!.bestUnits[0];
    const [start, end] = words!.reduce((best, word) => (word[2] > best[2] ? word : best));
    expect(explanation.inputs.items[input].text?.slice(start, end)).toContain('kernel');
    const compared = explanation.compare?.concepts[kernel?.id ?? -1];
    expect(compared?.delta.upper).toBeLessThan(0);

    expect(textExplanationFromJson(textExplanationToJson(explanation))).toEqual(explanation);
    expect(textMatricesFromBytes(textMatricesToBytes(matrices), explanation)).toEqual(matrices);
  });

  it('gives the same explanation for the same seed, times apart', async () => {
    const [a, b] = [counting(), counting()].map(({ classifier }) =>
      explainText(request, effects(classifier)),
    );
    const { timings: _, ...first } = (await a).explanation;
    const { timings: __, ...second } = (await b).explanation;
    expect(first).toEqual(second);
  });

  it('gives the same bits for latents in files as in memory, and nearly those of latents that are whole', async () => {
    const few = { ...request, batchSize: 5 };
    const run = async (change: Partial<TextEffects>) => {
      const { explanation, matrices } = await explainText(few, {
        ...effects(counting().classifier),
        ...change,
      });
      const { timings: _, ...rest } = explanation;
      return { ...rest, matrices };
    };
    const folder = await mkdtemp(join(tmpdir(), 'explain-text-'));
    const storage = latentFiles(folder);
    const opened: number[] = [];
    const counted: LatentStorage = {
      open(shape) {
        opened.push(shape.rows);
        return storage.open({ ...shape, chunkRows: few.batchSize });
      },
    };
    const onDisk = await run({ storage: counted, wholeBytes: 0 });
    await storage.close();
    await rm(folder, { recursive: true });
    expect(opened).toEqual([48, 24]);
    expect(await run({ wholeBytes: 0 })).toEqual(onDisk);

    const whole = await run({});
    expect(opened).toHaveLength(2);
    expect(onDisk.signs.map(({ way }) => way)).toEqual(['semi-nmf', 'split']);
    // in chunks Semi-NMF is another algorithm, which may end in another minimum; its loss is within half a percent of the
    // whole matrix's where rows are many, and here there are 48
    expect(onDisk.factorization.relativeError).toBeLessThan(whole.factorization.relativeError + 0.01);
    expect(onDisk.completeness.r2).toBeCloseTo(whole.completeness.r2!, 1);
  });

  it('refuses a file that points outside', async () => {
    const { explanation, matrices } = await explainText(
      { ...request, compare: null },
      effects(counting().classifier),
    );
    const broken = (change: object) => () =>
      textExplanationFromJson(textExplanationToJson({ ...explanation, ...change }));
    for (const place of [
      [99, 0, 1],
      [-1, 0, 1],
      [0, 1, 0],
      [explanation.examples[0], 0, 10_000],
    ]) {
      const units = { ...matrices.units, data: Int32Array.from([...place, ...matrices.units.data.slice(3)]) };
      const bytes = textMatricesToBytes({ ...matrices, units });
      expect(() => textMatricesFromBytes(bytes, explanation)).toThrow(/places inside/);
    }
    expect(broken({ examples: [24] })).toThrow(/examples/);
    const [first, ...others] = explanation.concepts;
    const outside = { ...first.bestUnits[0], words: [[0, 10_000, 1]] };
    expect(broken({ concepts: [{ ...first, bestUnits: [outside] }, ...others] })).toThrow(/units inside/);
    expect(() => textExplanationFromJson('{')).toThrow(/expected JSON/);
  });

  it('refuses a wrong setting before any work', () => {
    expect(() => parseTextRequest({ class: 'spam', units: 'word' as 'text' })).toThrow(/^units: expected/);
  });
});
