// Texts against the 2025 reproduction (lolomasterIA/Craft@5ac867c): latents, importance, token heatmaps, and the
// vectorised importance that it gets wrong. Tolerances: golden/README of the reference set, quoted at each.

import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Craft,
  type CraftOptions,
  haltonDesign,
  jansen,
  replicatedDesign,
  type Tensor,
} from '../../src/index.ts';
import { maxAbs, maxOfMax, recordDeviation } from './deviations.ts';
import { goldenPath, readNpz } from './npy.ts';
import { type ToyVocabulary, toyTokens } from './toy-tokenizer.ts';

const json = (name: string) => JSON.parse(readFileSync(goldenPath(`text/${name}.json`), 'utf8'));
const inputs = json('inputs') as {
  texts: string[];
  input_ids: number[][];
  class_id: number;
  other: number;
  nb_design: number;
};
const heatmaps = json('token_heatmap') as { text: string; tokens: string[]; scores: number[][] }[];
const vocabulary = json('tokenizer') as ToyVocabulary;
const golden = readNpz(goldenPath('text/craft.npz'));
const bug = readNpz(goldenPath('text/vector_bug.npz'));
const classes = [
  ['class', inputs.class_id],
  ['other', inputs.other],
] as const;

let model: InferenceSession;
let h: InferenceSession;
beforeAll(async () => {
  model = await InferenceSession.create(goldenPath('models/text.onnx'));
  h = await InferenceSession.create(goldenPath('models/text.h.onnx'));
});
afterAll(() => Promise.all([model.release(), h.release()]));

describe('text', () => {
  it('cuts texts into the same pieces', () => {
    expect(inputs.texts.map((text) => [...toyTokens(vocabulary, text).ids])).toEqual(inputs.input_ids);
  });

  it('has the latents of the reference, padding in the batch', async () => {
    const deviation = maxOfMax((await latents(inputs.texts)).data, golden.activations.data);
    recordDeviation('text latents', deviation, 1e-4); // of max: engine against torch
    expect(deviation).toBeLessThan(1e-4);
  });

  it.each(classes)('has the loop importance for the %s', async (name, classId) => {
    const expected = golden[`importance_${name}`].data;
    const descent = await importance(classId, 'cd');
    const exact = await importance(classId, 'exact');
    // Tolerances of the reference set: its own truncated descent 1e-3, exact NNLS 2e-3.
    recordDeviation(`text importance, ${name}, its descent`, maxAbs(descent, expected), 1e-3);
    recordDeviation(`text importance, ${name}, exact`, maxAbs(exact, expected), 2e-3);
    expect(maxAbs(descent, expected)).toBeLessThan(1e-3);
    expect(maxAbs(exact, expected)).toBeLessThan(2e-3);
  });

  it.each(classes)('computes many texts at once as one by one, for the %s', async (name, classId) => {
    const [all, loop] = [await importance(classId, 'exact'), await loopImportance(classId)];
    const vector = bug[`vector_${name}`].data;
    // the same float32 rows of h in batches of another size: 1e-7 of a score, squared over a variance
    recordDeviation(`text importance, ${name}, vectorised against loop`, maxAbs(all, loop), 1e-6);
    expect(maxAbs(all, loop)).toBeLessThan(1e-6);
    // the reproduction's vectorised one reads rows of 𝐀 where those of 𝐂 belong
    expect(maxAbs(vector, bug[`loop_${name}`].data)).toBeGreaterThan(0.5);
  });

  it('has its token heatmaps', async () => {
    const craft = fitted();
    let deviation = 0;
    for (const { text, tokens, scores } of heatmaps) {
      for (const [concept, expected] of scores.entries()) {
        const map = await craft.tokenHeatmap(text, concept, { method: 'projection' });
        expect(map.tokens).toEqual(tokens);
        deviation = Math.max(deviation, maxAbs(map.scores, Float64Array.from(expected)));
      }
    }
    recordDeviation('text token heatmap', deviation, 1e-3);
    expect(deviation).toBeLessThan(1e-3);
  });

  it('tells tokens apart by the concept bank where the projection colours twice as many', async () => {
    const craft = fitted();
    const spread = { states: 0, projection: 0 };
    for (const { text } of heatmaps) {
      for (let concept = 0; concept < craft.options.numberOfConcepts; concept++) {
        for (const method of ['states', 'projection'] as const) {
          const { scores } = await craft.tokenHeatmap(text, concept, { method });
          if (method === 'states') expect(scores.every((s) => s >= 0)).toBe(true);
          const most = Math.max(...scores);
          spread[method] += scores.filter((s) => s > 0.1 * most && most > 0).length / scores.length;
        }
      }
    }
    const maps = heatmaps.length * craft.options.numberOfConcepts;
    // measured: 31 % of the tokens stand above a tenth of the largest score, 60 % by the projection
    expect(spread.states / maps).toBeLessThan(0.4);
    expect(spread.projection / maps).toBeGreaterThan(0.55);
  });
});

function fitted(): Craft {
  const craft = new Craft(options());
  craft.useConcepts(golden.fit_W);
  return craft;
}

function options(): CraftOptions {
  return {
    numberOfConcepts: golden.fit_W.dims[0],
    unitNorm: false,
    inputToLatent: (texts) => latents(texts as string[]),
    latentToLogit: logits,
    tokenize: (text) => toyTokens(vocabulary, text),
    tokenStates: async (texts) => {
      const states: Tensor[] = [];
      for (const text of texts) {
        const { data, dims } = (await run([text])).hidden;
        states.push({ data: data as Float32Array, dims: dims.slice(1) });
      }
      return states;
    },
  };
}

async function importance(classId: number, projection: 'cd' | 'exact'): Promise<Float64Array> {
  const result = await fitted().estimateImportance(golden.activations, {
    classId,
    projection,
    nbDesign: inputs.nb_design,
    sampler: 'halton',
    method: 'sobol',
  });
  return result.total;
}

/** The mean over texts of Jansen's indices, text by text, all rows of 𝐀, 𝐁 and 𝐂 in the order of the design. */
async function loopImportance(classId: number): Promise<Float64Array> {
  const craft = fitted();
  const W = golden.fit_W;
  const [r, p] = W.dims;
  const U = await craft.transform(golden.activations);
  const design = replicatedDesign(haltonDesign(2 * r, inputs.nb_design)).data;
  const rows = design.length / r;
  const total = new Float64Array(r);
  for (let n = 0; n < U.dims[0]; n++) {
    const masked = new Float32Array(rows * p);
    for (let k = 0; k < rows; k++) {
      for (let i = 0; i < r; i++) {
        const u = U.data[n * r + i] * design[k * r + i];
        for (let c = 0; c < p; c++) masked[k * p + c] += u * W.data[i * p + c];
      }
    }
    const y = await logits({ data: masked, dims: [rows, p] });
    const st = jansen(
      Float64Array.from({ length: rows }, (_, k) => y.data[k * y.dims[1] + classId]),
      inputs.nb_design,
    );
    for (let i = 0; i < r; i++) total[i] += (Number.isFinite(st[i]) ? st[i] : 0) / U.dims[0];
  }
  return total;
}

async function latents(texts: string[]): Promise<Tensor> {
  const { data, dims } = (await run(texts)).activations;
  return { data: data as Float32Array, dims };
}

async function logits({ data, dims }: Tensor): Promise<Tensor> {
  const feeds = { [h.inputNames[0]]: new OrtTensor('float32', Float32Array.from(data), dims) };
  const y = (await h.run(feeds))[h.outputNames[0]];
  return { data: y.data as Float32Array, dims: y.dims };
}

async function run(texts: string[]): Promise<InferenceSession.ReturnType> {
  const ids = texts.map((text) => toyTokens(vocabulary, text).ids);
  const length = Math.max(...ids.map((row) => row.length));
  const padded = new BigInt64Array(texts.length * length).fill(BigInt(vocabulary.special.pad));
  const mask = new BigInt64Array(texts.length * length);
  ids.forEach((row, n) => {
    row.forEach((id, t) => {
      padded[n * length + t] = BigInt(id);
      mask[n * length + t] = 1n;
    });
  });
  const dims = [texts.length, length];
  return model.run({
    input_ids: new OrtTensor('int64', padded, dims),
    attention_mask: new OrtTensor('int64', mask, dims),
  });
}
