import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeExplanation } from '../../../../test/report/fixture.ts';
import { withRobustness } from '../../../../test/report/robustness.ts';
import type { Explanation } from '../../../craft/explanation.ts';
import { commandOf } from './command.ts';
import { completenessLevel, completenessWords } from './completeness.ts';
import { modelName, shorten } from './names.ts';
import { fixed, indexInterval, percent, signed, significant } from './numbers.ts';
import { direction, verdictOf } from './verdict.ts';

const name = (concept: { id: number }): string => `Concept ${concept.id + 1}`;

function withImportance(values: number[], change: (e: Explanation) => void = () => {}): Explanation {
  const e = makeExplanation({ concepts: values.length, inputs: 3 });
  e.concepts.forEach((concept, id) => {
    concept.importance = { value: values[id], lower: values[id], upper: values[id] };
    concept.aboveNext = 1;
  });
  change(e);
  return e;
}

describe('verdictOf', () => {
  it.each([
    [[0.5, 0.31, 0.19], 'Two of three concepts hold 81% of the measured importance for “Granny Smith”.'],
    [[0.9, 0.1], 'One of two concepts holds 90% of the measured importance for “Granny Smith”.'],
    [[0.5, 0.5], 'The importance for “Granny Smith” is spread over all two concepts.'],
    [[1], 'One concept was asked for, so it holds all the measured importance for “Granny Smith”.'],
    [[0, 0], 'No concept found here moves the score of “Granny Smith”.'],
    [[0.1, 0.9], 'One of two concepts holds 90% of the measured importance for “Granny Smith”.'], // sorted first
  ])('reads %j', (values, headline) => {
    expect(verdictOf(withImportance(values), name).headline).toBe(headline);
  });

  it('counts shares of the sum, also where indices sum to more than 1, and says so', () => {
    const { headline, details } = verdictOf(
      withImportance([1, 0.8, 0.2], (e) => {
        e.importance.sum = 2;
      }),
      name,
    );
    expect(headline).toContain('Two of three concepts hold 90%');
    expect(details[1]).toBe(
      'The indices sum to 2.00, above 1: concepts act together, so their shares overlap.',
    );
  });

  it('says which way the strongest goes, and where the order is not certain', () => {
    const e = withImportance([0.6, 0.4], (made) => {
      made.concepts[0].effect = -1.234;
      made.concepts[0].aboveNext = 0.8;
    });
    expect(verdictOf(e, name).details).toEqual([
      'The strongest is Concept 1 (importance 0.60, between 0.60 and 0.60): on average its presence lowers the score by 1.23.',
      'The order of Concept 1 and Concept 2 is not certain.',
    ]);
    expect(direction(0.004)).toBe('none');
    expect(direction(Number.NaN)).toBe('none');
  });
});

describe('the order that the data cannot tell', () => {
  const orderOf = (aboveNext: (number | null)[]): string =>
    verdictOf(
      withImportance([0.3, 0.25, 0.2, 0.15, 0.1], (e) => {
        e.concepts.forEach((concept, id) => {
          concept.aboveNext = aboveNext[id];
        });
      }),
      name,
    ).details[1] ?? '';
  it.each([
    [[0.7, 0.6, 0.99, 0.99, null], 'The data cannot tell the order of the first three.'],
    [[0.7, 0.6, 0.5, 0.9, null], 'The data cannot tell the order of the first five.'],
    [[0.99, 0.6, 0.5, 0.99, null], 'The data cannot tell the order from rank 2 to rank 4.'],
    [[0.99, 0.6, 0.99, 0.5, null], 'The order of Concept 2 and Concept 3 is not certain.'],
    [[0.99, 0.99, 0.99, 0.5, null], ''],
  ])('is named for %j', (aboveNext, words) => {
    expect(orderOf(aboveNext)).toBe(words);
  });
});

describe('completeness in words', () => {
  const at = (r2: number | null, top1Agreement: number, correlation: number | null = 0.2) => ({
    r2,
    top1Agreement,
    correlation,
    bias: -3.2,
    relativeError: 0.3,
  });
  it.each([
    [at(0.95, 1), 'good'],
    [at(0.95, 0.8), 'fair'],
    [at(0.5, 0.9), 'fair'],
    [at(0.49, 1), 'low'],
    [at(-2, 1), 'low'],
    [at(0.99, 0.4), 'low'],
    [at(null, 1), 'unknown'],
  ])('%j is %s', (completeness, level) => {
    expect(completenessLevel(completeness)).toBe(level);
    expect(completenessWords(completeness)).toContain('first choice stays the same');
  });

  it('tells a shifted score from an unrelated one', () => {
    expect(completenessWords(at(-2, 1, 0.93))).toContain(
      '(correlation 0.93) but comes out 3.20 too low on average',
    );
    expect(completenessWords(at(-2, 1, null))).toContain('computes a different class score');
  });
});

describe('numbers', () => {
  it('have a true minus, and no minus at 0', () => {
    expect([fixed(-1.5), fixed(-0.001), signed(0.001), signed(2), signed(-2), fixed(Number.NaN)]).toEqual([
      '−1.50',
      '0.00',
      '0.00',
      '+2.00',
      '−2.00',
      '–',
    ]);
  });

  it('give no interval of zeros to what is above 0', () => {
    const spans = [
      [0.21, 0.29],
      [0, 0.004],
      [0, 0.006],
      [0, 0],
    ].map(([lower, upper]) => indexInterval({ lower, upper }));
    expect(spans).toEqual(['0.21 to 0.29', 'below 0.01', '0.00 to 0.01', '0.00 to 0.00']);
  });

  it('never round a share to none or all', () => {
    expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(['0%', '<1%', '50%', '>99%', '100%']);
  });

  it('keep two digits or more, small and large', () => {
    expect([2.4e-6, -1.26e-7, 0.0123, 0.5, 18.24, 1834, 2.5e7, 0].map(significant)).toEqual([
      '2.4 × 10⁻⁶',
      '−1.3 × 10⁻⁷',
      '0.012',
      '0.50',
      '18.2',
      '1834',
      '2.5 × 10⁷',
      '0',
    ]);
  });
});

describe('shorten', () => {
  it('never passes its length and never cuts a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, length) => {
        const short = shorten(text, length);
        expect([...short].length).toBeLessThanOrEqual(length);
        if ([...text].length <= length) expect(short).toBe(text);
      }),
    );
  });
});

describe('commandOf', () => {
  it('repeats the run', () => {
    expect(commandOf(makeExplanation())).toBe(
      'craft-xai explain resnet18-fruit.onnx granny-smith --class 7 --layer /layer4/layer4.1/relu_1/Relu_output_0 --concepts 8 --rows crops --patch-size 64 --nb-design 32 --seed 0 --out DIR',
    );
  });

  it('holds what was not the default', () => {
    const e = makeExplanation();
    e.settings.sampler = 'halton';
    e.settings.factorizer = 'nmf';
    e.preprocess = {
      ...e.preprocess,
      origin: 'caller',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.25],
      rescale: 0.5,
    };
    expect(commandOf(e)).toMatch(
      / --seed 0 --sampler halton --factorizer nmf --size 224x224 --resize shortest-edge --rescale 0.5 --mean 0.5,0.5,0.5 --std 0.5,0.5,0.25 --channels RGB --out DIR$/,
    );
  });

  it('quotes what a shell would read', () => {
    const e = makeExplanation();
    e.model.name = "it's; rm -rf $HOME.onnx";
    e.inputs.source = '--out';
    e.settings.limit = 5;
    expect(commandOf(e)).toContain(`craft-xai explain 'it'\\''s; rm -rf $HOME.onnx' '--out' --class 7`);
    expect(commandOf(e)).toContain('--limit 5');
    expect(commandOf(e)).not.toMatch(/--recursive|--evaluate/);
    expect(commandOf(withRobustness(e))).toContain('--limit 5 --evaluate --');
  });
});

describe('modelName', () => {
  it.each([
    ['resnet50.v2.onnx', 'resnet50.v2'],
    ['Model.tflite', 'the model'],
    ['.onnx', '.onnx'],
  ])('%s is %s', (file, expected) => {
    const explanation = makeExplanation({ concepts: 1, inputs: 1 });
    explanation.model.name = file;
    expect(modelName(explanation)).toBe(expected);
  });
});
