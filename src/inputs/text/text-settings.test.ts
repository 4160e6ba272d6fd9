import { describe, expect, it } from 'vitest';
import { bertTokenizer, robertaTokenizer } from '../../../test/models/tokenizers.ts';
import { requireTokenizer, type TextFiles, textSettings } from './text-settings.ts';

const files = (some: Partial<TextFiles>): TextFiles => ({
  tokenizer: bertTokenizer(),
  tokenizerConfig: null,
  config: null,
  ...some,
});

describe('textSettings', () => {
  it.each([
    ['nothing is said', {}, 512],
    ['the tokenizer says', { tokenizerConfig: { model_max_length: 128 } }, 128],
    ['the tokenizer has no limit', { tokenizerConfig: { model_max_length: 1e30 } }, 512],
    ['the model has positions', { config: { model_type: 'bert', max_position_embeddings: 64 } }, 64],
    [
      'positions begin after the padding',
      { config: { model_type: 'roberta', max_position_embeddings: 514 } },
      512,
    ],
    [
      'several say, the least',
      { tokenizerConfig: { model_max_length: 384 }, config: { max_position_embeddings: 256 } },
      256,
    ],
    [
      'it is no length',
      { tokenizerConfig: { model_max_length: 'long' }, config: { max_position_embeddings: -1 } },
      512,
    ],
  ])('takes the length where %s', (_, some, length) => {
    expect(textSettings(files(some)).maxTokens).toBe(length);
    expect(textSettings(files(some), 20).maxTokens).toBe(20);
  });

  it.each([
    ['of tokenizer.json', { tokenizer: { ...bertTokenizer(), padding: { pad_id: 3 } } }, 3],
    ['named by tokenizer_config.json', { tokenizerConfig: { pad_token: '[SEP]' } }, 3],
    ['of config.json', { config: { pad_token_id: 4 } }, 4],
    ['of BERT', {}, 0],
    ['of RoBERTa', { tokenizer: robertaTokenizer() }, 1],
    ['that is no id', { config: { pad_token_id: -7 } }, 0],
  ])('fills with the id %s', (_, some, id) => {
    expect(textSettings(files(some)).padId).toBe(id);
  });

  it('has the classes of config.json in the order of their ids', () => {
    const config = { id2label: { 1: 'good', 0: 'bad' } };
    expect(textSettings(files({ config })).labels).toEqual(['bad', 'good']);
    expect(textSettings(files({})).labels).toBeNull();
  });

  it('needs a tokenizer', () => {
    expect(() => requireTokenizer(files({ tokenizer: null }), 'model.onnx')).toThrow(/tokenizer.json beside/);
    expect(() => requireTokenizer(files({}), 'model.onnx')).not.toThrow();
  });
});
