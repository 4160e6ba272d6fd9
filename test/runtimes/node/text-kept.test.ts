// Latents of texts that are kept between runs, with the real engine: how often g runs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TextClassifier } from '../../../src/craft/classifier.ts';
import { explainText } from '../../../src/craft/text/explain-text.ts';
import { parseTextRequest } from '../../../src/craft/text/text-request.ts';
import { nodeRuntime } from '../../../src/runtimes/node.ts';
import { textClassifierOf } from '../../../src/runtimes/text/load-text-classifier.ts';
import { openActivationCache } from '../../../src/store/activation-cache-fs.ts';
import { goldenPath } from '../../golden/npy.ts';
import type { ToyVocabulary } from '../../golden/toy-tokenizer.ts';
import { toyTokenizerJson } from '../../models/tokenizers.ts';

const json = (name: string) => JSON.parse(readFileSync(goldenPath(`text/${name}.json`), 'utf8'));
const texts = (json('inputs') as { texts: string[] }).texts.slice(0, 12);
const tokenizer = toyTokenizerJson(json('tokenizer') as ToyVocabulary);
const runtime = await nodeRuntime({ threads: 1 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'craft-xai-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function load(options: { maxTokens?: number; layer?: string; labels?: string[] } = {}) {
  const activations = await openActivationCache({ folder });
  const file = { name: 'text.onnx', bytes: readFileSync(goldenPath('models/text.onnx')), files: new Map() };
  const files = { tokenizer, tokenizerConfig: null, config: null };
  return textClassifierOf(runtime, file, files, { maxTokens: 32, activations, ...options });
}

async function explained(classifier: TextClassifier, settings: object = {}) {
  const items = texts.map((text, n) => ({ id: String(n), text, label: null }));
  const source = {
    source: 'texts',
    names: items.map(({ id }) => id),
    skipped: [],
    skippedCount: 0,
    duplicates: 0,
    total: items.length,
    async *[Symbol.asyncIterator]() {
      yield items;
    },
  };
  const request = parseTextRequest({ class: '1', concepts: 3, examples: 2, nbDesign: 8, ...settings });
  return explainText(request, { classifier, source, limit: null });
}

describe('latents of texts that are kept', () => {
  it('let a second explanation run without g, to the same bits', async () => {
    const first = await load();
    const before = await explained(first);
    expect(first.encoderRuns()).toBeGreaterThan(texts.length);
    await first.release();

    const second = await load();
    const after = await explained(second);
    expect(second.encoderRuns()).toBe(0);
    expect(second.activations!.kept).toBeGreaterThan(0);
    expect(after.matrices).toEqual(before.matrices);
    await second.release();
  });

  it('are used for another number of concepts, another seed and other names of the classes', async () => {
    const first = await load();
    await explained(first);
    await first.release();
    const second = await load({ labels: ['a', 'b', 'c', 'd'] });
    await explained(second, { class: 'b', concepts: 4, seed: 5 });
    expect(second.encoderRuns()).toBe(0);
    await second.release();
  });

  it('are others for another length and another layer', async () => {
    const first = await load();
    await first.inputToLatent(texts);
    await first.release();
    for (const options of [{ maxTokens: 8 }, { layer: '/Div_output_0' }]) {
      const other = await load(options);
      const probes = other.encoderRuns();
      await other.inputToLatent(texts);
      expect(other.encoderRuns() - probes).toBe(texts.length);
      await other.release();
    }
  });

  it('runs g once on a text that is in a batch twice', async () => {
    const classifier = await load();
    const probes = classifier.encoderRuns();
    const { data, dims } = await classifier.inputToLatent([texts[0], texts[1], texts[0]]);
    expect(classifier.encoderRuns() - probes).toBe(2);
    expect(data.slice(0, dims[1])).toEqual(data.slice(2 * dims[1]));
    await classifier.release();
  });
});
