import { describe, expect, it } from 'vitest';
import { NOTHING_GIVEN } from './given.ts';
import { sortFiles } from './sort-files.ts';

const file = (name: string, text = '') => ({ name, blob: new Blob([text]) });

describe('sortFiles', () => {
  it('knows the model, its weights, its texts and the images', async () => {
    const given = await sortFiles(
      [
        file('net/model.onnx'),
        file('net/parts/model.data'),
        file('net/labels.txt', 'cat\ndog'),
        file('net/preprocessor_config.json', '{"size": 64}'),
        file('net/README.txt', 'one\ntwo\nthree'),
        file('photos/a.JPG'),
        file('photos/b.heic'),
      ],
      NOTHING_GIVEN,
    );
    expect(given.model?.name).toBe('net/model.onnx');
    expect(Object.keys(given.externalData)).toEqual(['parts/model.data']);
    expect(given.labels).toEqual(['cat', 'dog']);
    expect(given.config).toEqual({ size: 64 });
    expect(given.images.map(({ name }) => name)).toEqual(['photos/a.JPG', 'photos/b.heic']);
  });

  it('reads class names and preparation from one JSON file', async () => {
    const config = '{"id2label": {"0": "cat", "1": "dog"}, "input_size": [3, 64, 64]}';
    const given = await sortFiles([file('config.json', config)], NOTHING_GIVEN);
    expect(given.labels).toEqual(['cat', 'dog']);
    expect(given.config).toMatchObject({ input_size: [3, 64, 64] });
  });

  it('replaces the model with all that is its own, and keeps the images', async () => {
    const first = await sortFiles(
      [file('a.onnx'), file('labels.txt', 'cat\ndog'), file('a.png')],
      NOTHING_GIVEN,
    );
    const second = await sortFiles([file('b.tflite')], first);
    expect(second.model?.name).toBe('b.tflite');
    expect(second.labels).toBeNull();
    expect(second.images).toBe(first.images);
  });

  it('knows a model of texts by its tokenizer, and its table', async () => {
    const given = await sortFiles(
      [
        file('bert/model.onnx'),
        file('bert/tokenizer.json', '{"model": {}}'),
        file('bert/tokenizer_config.json', '{"model_max_length": 64}'),
        file('bert/config.json', '{"id2label": {"0": "ham", "1": "spam"}}'),
        file('bert/vocab.txt', 'a\nb'),
        file('mails.csv', 'text\nhello'),
      ],
      NOTHING_GIVEN,
    );
    expect(given.labels).toEqual(['ham', 'spam']);
    expect(given.textFiles.tokenizer).toEqual({ model: {} });
    expect(given.textFiles.tokenizerConfig).toEqual({ model_max_length: 64 });
    expect(given.table?.name).toBe('mails.csv');
    expect(given.externalData).toEqual({});
  });

  it('takes a list for texts once there is a tokenizer, whichever comes first', async () => {
    const tokenizer = [
      file('tokenizer.json', '{}'),
      file('config.json', '{"id2label": {"0": "a", "1": "b"}}'),
    ];
    const list = file('mails.txt', 'one\ntwo\nthree');
    const after = await sortFiles([list], await sortFiles(tokenizer, NOTHING_GIVEN));
    const before = await sortFiles(tokenizer, await sortFiles([list], NOTHING_GIVEN));
    for (const given of [after, before]) {
      expect(given.table?.name).toBe('mails.txt');
      expect(given.labels).toEqual(['a', 'b']);
    }
    const labels = await sortFiles([file('labels.txt', 'x\ny')], after);
    expect([labels.labels, labels.table?.name]).toEqual([['x', 'y'], 'mails.txt']);
  });

  it('takes an array of objects for texts', async () => {
    const given = await sortFiles([file('mails.json', '[{"text": "one"}]')], NOTHING_GIVEN);
    expect([given.table?.name, given.labels]).toEqual(['mails.json', null]);
  });

  it('refuses two models, and names the file that is damaged', async () => {
    await expect(sortFiles([file('a.onnx'), file('b.onnx')], NOTHING_GIVEN)).rejects.toMatchObject({
      code: 'FILE',
    });
    await expect(sortFiles([file('labels.json', '[1')], NOTHING_GIVEN)).rejects.toThrow(/^labels\.json: /);
  });
});
