// A made-up explanation of texts for the tests of the report: long and short ones, right to left, emoji, markup.

import type { TextConcept, TextExplanation } from '../../src/craft/text/text-explanation.ts';
import { type Random, random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export const ATTACK = '<img src=x onerror="alert(1)"></script><script>alert(2)</script>';

const sentences = [
  'Click here now to claim your free prize of $1,000 before midnight.',
  'The meeting moved to Thursday, so please bring the notes of last week.',
  'You have been selected for a risk free trial of our miracle product!',
  'I think the patch breaks the build on older compilers; see the log below.',
  'Earn money from home, no experience needed 💸🎉 👩‍👩‍👧‍👦.',
  'Attached is the draft of the report that we spoke about.',
  'Unsubscribe by sending a mail to the address above.',
  'Does anybody know why the kernel module is not loaded at boot?',
];
const rightToLeft = 'מבצע מיוחד היום בלבד: קנו עכשיו ותקבלו מתנה חינם.';
const words = ['free', 'money', 'prize', 'patch', 'kernel', 'notes', 'mail', 'report'];

function makeTexts(count: number, rng: Random): string[] {
  return Array.from({ length: count }, (_, n) => {
    if (n === 2) return `${rightToLeft} ${rightToLeft}`;
    if (n === 3) return `Hello ${ATTACK} and goodbye. ${sentences[0]}`;
    const length = n === 5 ? 60 : 2 + rng.below(5);
    return Array.from({ length }, () => sentences[rng.below(sentences.length)]).join(n % 4 ? ' ' : '\n');
  });
}

/** Sentences as spans. */
function unitsOf(text: string): [number, number][] {
  return [...text.matchAll(/[^.!?;]+[.!?;]*/g)].flatMap(({ index, 0: part }) => {
    const start = index + part.length - part.trimStart().length;
    const end = index + part.trimEnd().length;
    return end > start ? [[start, end] as [number, number]] : [];
  });
}

export interface TextFixture {
  explanation: TextExplanation;
  W: Tensor;
  U: Tensor;
  U_texts: Tensor;
  importance_per_input: Tensor;
  units: Tensor;
}

/** An explanation of `concepts` (8) concepts on `count` (24) texts, with its matrices: an affine head. */
export function makeTextRun(options: { concepts?: number; texts?: number; seed?: number } = {}): TextFixture {
  const { concepts: r = 8, texts: count = 24, seed = 0 } = options;
  const rng = random(seed);
  const texts = makeTexts(count, rng);
  const places = texts.map(unitsOf);
  const units = places.flatMap((spans, n) => spans.map(([a, b]): [number, number, number] => [n, a, b]));
  const unitAt = (k: number): number => (rng.below(3) === 0 ? 0 : rng.uniform() * 0.9 ** (k % r));
  const U = matrix(units.length, r, unitAt);
  const U_texts = matrix(count, r, unitAt);
  const each = Array.from({ length: r }, (_, i) => (i % 3 === 1 ? -1 : 1) * 3 * 0.75 ** i); // c_i
  const parts = U_texts.data.map((u: number, k: number) => u * each[k % r]);
  const importance_per_input = matrix(count, r, (k) => {
    const row = parts.subarray(k - (k % r), k - (k % r) + r);
    return parts[k] ** 2 / row.reduce((sum, c) => sum + c * c, 1e-300);
  });
  const W = matrix(r, 16, () => rng.uniform());
  const concepts = Array.from({ length: r }, (_, id) => {
    const column = (of: Float64Array): number =>
      of.reduce((sum, v, k) => sum + (k % r === id ? v / count : 0), 0);
    return makeConcept(id, r, U, units, {
      value: column(importance_per_input.data),
      effect: column(parts),
    });
  });
  const examples = [0, 1, 2, 3, 4, 5].filter((n) => n < count);
  const explanation = makeExplanation({ r, texts, units, concepts, examples, rng });
  const placed = { data: Int32Array.from(units.flat()), dims: [units.length, 3] };
  return { explanation, W, U, U_texts, importance_per_input, units: placed };
}

function matrix(n: number, r: number, at: (k: number) => number): Tensor & { data: Float64Array } {
  const data = new Float64Array(n * r);
  for (let k = 0; k < data.length; k++) data[k] = at(k);
  return { data, dims: [n, r] };
}

function makeConcept(
  id: number,
  r: number,
  U: Tensor,
  units: readonly [number, number, number][],
  { value, effect }: { value: number; effect: number },
): TextConcept {
  const order = units
    .map((_, row) => row)
    .filter((row) => U.data[row * r + id] > 0)
    .sort((a, b) => U.data[b * r + id] - U.data[a * r + id]);
  return {
    id,
    importance: { value, lower: 0.8 * value, upper: 1.25 * value },
    effect,
    prevalence: order.length / units.length,
    sparsity: 0.4,
    aboveNext: id === r - 1 ? null : 0.9,
    label: null,
    draft: {
      text: id === r - 1 ? '' : `${words[id % 8]}, ${words[(id + 1) % 8]}`,
      terms: [
        { term: words[id % 8], score: 0.4, rows: order.slice(0, 3) },
        { term: words[(id + 1) % 8], score: 0.2, rows: order.slice(0, 2) },
      ],
    },
    bestUnits: order.slice(0, 8).map((row) => {
      const [input, start, end] = units[row];
      return { row, input, span: [start, end], value: U.data[row * r + id] };
    }),
  };
}

interface Parts {
  r: number;
  texts: string[];
  units: [number, number, number][];
  concepts: TextConcept[];
  examples: number[];
  rng: Random;
}

function makeExplanation({ r, texts, units, concepts, examples, rng }: Parts): TextExplanation {
  return {
    format: 'craft-xai/explanation',
    version: 1,
    versions: { 'craft-xai': '0.1.0' },
    model: {
      name: 'mail-classifier.onnx',
      format: 'onnx',
      sha256: '1f2c1f0b7a5e43d08f1b6f0a9be2d7c4135a7b6c9d8e0f1a2b3c4d5e6f708192',
      bytes: 46_812_345,
      input: { name: 'input_ids', dims: [null, null] },
      output: { name: 'logits', dims: [null, 2] },
      classes: 2,
    },
    layer: {
      tensor: '/pooler/output',
      name: '/pooler',
      op: 'Tanh',
      dims: [null, 16],
      layout: 'NC',
      prefixTokens: 0,
      chosenBy: 'suggestion',
      nonNegative: true,
      head: 'affine',
      cutCheck: { inputs: 4, maxAbsDifference: 1e-7, maxAbsLogit: 8.2 },
    },
    class: { id: 1, label: 'spam' },
    settings: {
      class: 'spam',
      concepts: r,
      units: 'auto',
      windowWords: 10,
      factorizer: 'auto',
      compareSigns: true,
      nbDesign: 32,
      sampler: 'sobol',
      estimator: 'jansen',
      confidence: 0.95,
      batchSize: 32,
      seed: 0,
      examples: 6,
      compare: 'ham',
      limit: null,
    },
    inputs: {
      kind: 'text',
      source: 'mails.csv',
      items: texts.map((text, n) => ({
        name: `row ${n + 1}`,
        label: n % 3 ? 'spam' : 'ham',
        logit: 4 * rng.uniform(),
        predicted: n % 5 ? { id: 1, label: 'spam', logit: 4 } : { id: 0, label: 'ham', logit: 4 },
        units: units.filter(([text]) => text === n).length,
        text,
      })),
      skipped: [{ name: 'row 99', reason: 'text: expected words; got none' }],
      skippedCount: 1,
      duplicates: 2,
      truncated: 1,
      accuracy: 0.91,
    },
    factorization: {
      method: 'nmf',
      rows: units.length,
      width: 16,
      iterations: 80,
      converged: true,
      loss: 12.3,
      relativeError: 0.3,
    },
    importance: { method: 'closed-form', degenerate: 0, sum: 1, headEvaluations: 0 },
    completeness: { r2: 0.92, correlation: 0.97, bias: 0.1, top1Agreement: 0.95, relativeError: 0.28 },
    concepts,
    examples,
    heatmaps: examples.map((input) => {
      const spans = [...texts[input].matchAll(/[\p{L}\p{N}$,]+/gu)]
        .slice(0, 40)
        .map(({ index, 0: word }): [number, number] => [index, index + word.length]);
      return {
        input,
        method: 'occlusion' as const,
        spans,
        scores: spans.map(() => concepts.map(() => (rng.below(3) ? -0.1 : rng.uniform()) * 0.8)),
      };
    }),
    signs: [
      {
        way: 'nmf',
        layer: '/pooler/output',
        width: 16,
        relativeError: 0.28,
        r2: 0.92,
        top1Agreement: 0.95,
        accuracy: 0.9,
      },
      {
        way: 'split',
        layer: '/pooler/output',
        width: 32,
        relativeError: 0.31,
        r2: null,
        top1Agreement: 0.8,
        accuracy: null,
      },
    ],
    compare: {
      groups: [
        { label: 'spam', texts: 14, class: { id: 1, label: 'spam' } },
        { label: 'ham', texts: 10, class: { id: 0, label: 'ham' } },
      ],
      by: 'label',
      concepts: concepts.map(({ id, importance }) => {
        const value = (id % 2 ? -0.5 : 0.7) * 0.8 ** id;
        return {
          id,
          delta: { value, lower: value - 0.15, upper: value + 0.2 },
          importance: [importance, { ...importance, value: importance.value * 0.9 }],
          effect: [1, -1],
          reading: (['discriminating', 'shared', 'unused', 'negligible'] as const)[id % 4],
        };
      }),
    },
    warnings: [],
    timings: { fit: 1.2 },
  };
}
