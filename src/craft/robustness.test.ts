import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Toy, writeToy } from '../../test/cli/toy.ts';
import { openImageFolder } from '../inputs/image-folder-fs.ts';
import { loadClassifier } from '../runtimes/load-classifier-fs.ts';
import { explanationFromJson, explanationToJson } from '../store/explanation.ts';
import type { Classifier, ImageSource } from './classifier.ts';
import { type ExplainResult, explain } from './explain.ts';
import { parseRequest } from './request.ts';
import { ranksAround } from './robustness.ts';
import type { Robustness } from './robustness-schema.ts';

let toy: Toy;
let classifier: Classifier;
let source: ImageSource;
let result: ExplainResult;
let robustness: Robustness;
const request = parseRequest({ class: 2, concepts: 4, patchSize: 32, evaluate: true });
const run = (signal?: AbortSignal) => explain(request, { classifier, source, limit: null, signal });
beforeAll(async () => {
  toy = await writeToy(12);
  classifier = await loadClassifier(toy.model, { layer: 'features' });
  const images = await openImageFolder(toy.images, { preprocess: classifier.preprocess, batchSize: 8 });
  source = Object.assign(images, { source: 'images' });
  result = await run();
  robustness = result.explanation.robustness!;
}, 60_000); // an explanation with nine fits
afterAll(async () => {
  await classifier?.release();
  rmSync(toy.folder, { recursive: true });
});

describe('ranksAround', () => {
  it.each([
    [10, 1000, [3, 5, 10, 15, 20]],
    [1, 1000, [1, 2]],
    [4, 5, [1, 2, 4, 5]],
  ])('%i concepts of %i rows', (r, n, expected) => {
    expect(ranksAround(r, n)).toEqual(expected);
  });
});

describe('fits with other choices', () => {
  it('are of r around that of the explanation, which finds itself', () => {
    expect(robustness.ranks.map(({ concepts }) => concepts)).toEqual([1, 2, 4, 6, 8]);
    const own = robustness.ranks[2];
    const { concepts, factorization, completeness } = result.explanation;
    expect(own.relativeError).toBe(factorization.relativeError);
    expect(own.r2).toBeCloseTo(completeness.r2!, 12); // the same twelve inputs, in one batch
    own.matches.forEach((match, id) => {
      expect(match!.cosine).toBeCloseTo(1, 12);
      // by 16 points of a design, not 32: total indices of one head differ by 0.1
      const { value } = own.importance[match!.place];
      expect(Math.abs(value - concepts[id].importance.value)).toBeLessThan(0.15);
    });
  });

  it('leave less out with more concepts, and match each concept at most once', () => {
    const errors = robustness.ranks.map(({ relativeError }) => relativeError);
    // not nested: the descent may stop a little above
    errors.slice(1).forEach((error, k) => {
      expect(error).toBeLessThanOrEqual(errors[k] * 1.01);
    });
    for (const { concepts, matches, importance } of robustness.ranks) {
      const places = matches.flatMap((match) => match?.place ?? []);
      expect(places).toHaveLength(Math.min(concepts, 4));
      expect(new Set(places).size).toBe(places.length);
      expect([...importance].sort((a, b) => b.value - a.value)).toEqual(importance);
    }
  });

  it('are in the file, and a file that does not fit is refused', () => {
    const text = explanationToJson(result.explanation);
    expect(explanationFromJson(text)).toEqual(result.explanation);
    const refused = (change: (robust: Robustness) => void, words: RegExp): void => {
      const damaged = JSON.parse(text);
      change(damaged.robustness);
      expect(() => explanationFromJson(JSON.stringify(damaged))).toThrow(words);
    };
    refused(
      (r) => r.ranks[0].importance.push({ value: 1, lower: 1, upper: 1 }),
      /expected 1 concepts; got 2/,
    );
    refused((r) => r.ranks[3].matches.pop(), /matches: expected 4 concepts; got 3/);
    refused((r) => Object.assign(r.ranks[4].matches[0]!, { place: 8 }), /places below 8; got 8/);
    refused((r) => r.stability.halves.perConcept.pop(), /halves\.perConcept: expected 4 concepts; got 3/);
    refused((r) => Object.assign(r, { inputs: -1 }), /robustness\.inputs/);
  });

  it('are missing where nobody asks, and the same again', async () => {
    expect((await run()).explanation.robustness).toEqual(robustness);
    const plain = await explain({ ...request, evaluate: false }, { classifier, source, limit: null });
    expect('robustness' in plain.explanation).toBe(false);
  });
});
