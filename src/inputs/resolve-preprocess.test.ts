import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CraftError } from '../errors.ts';
import { resolvePreprocess } from './resolve-preprocess.ts';

const nchw = [1, 3, 224, 224];
const nhwc = [1, 224, 224, 3];

describe('resolvePreprocess, without a file', () => {
  it('guesses ImageNet of torchvision for channels first, and says so', () => {
    const p = resolvePreprocess({ inputDims: ['N', 3, 224, 224] });
    expect(p).toMatchObject({ layout: 'NCHW', channels: 3, width: 224, height: 224, origin: 'guess' });
    expect(p).toMatchObject({ resizeMode: 'shortest-edge', shortestEdge: 256, rescale: 1 / 255 });
    expect(p).toMatchObject({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    expect(p.notes).toHaveLength(2);
    for (const note of p.notes) expect(note).toMatch(/torchvision.*--(resize|mean)/);
  });

  it('guesses −1 to 1 for channels last or a TensorFlow exporter', () => {
    const tensorflow = {
      rescale: 1,
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
      resizeMode: 'stretch',
    };
    expect(resolvePreprocess({ inputDims: [null, 299, 299, 3] })).toMatchObject({
      ...tensorflow,
      layout: 'NHWC',
    });
    expect(resolvePreprocess({ inputDims: nchw, hints: { producer: 'tf2onnx' } })).toMatchObject(tensorflow);
    expect(resolvePreprocess({ inputDims: nhwc, hints: { producer: 'pytorch' } })).toMatchObject({
      rescale: 1 / 255,
    });
  });

  it('takes the scale of a quantised input as it is', () => {
    const p = resolvePreprocess({ inputDims: [1, 299, 299, 3], pixel: { scale: 1 / 128, zeroPoint: 128 } });
    expect(p).toMatchObject({
      rescale: 1,
      mean: [128, 128, 128],
      std: [128, 128, 128],
      resizeMode: 'stretch',
    });
    expect(p.notes.join()).not.toContain('scales pixels');
  });

  it('fills in free sizes with 224, and channels with 3, and says so', () => {
    const p = resolvePreprocess({ inputDims: ['N', 3, 'H', 'W'] });
    expect(p).toMatchObject({ width: 224, height: 224 });
    expect(p.notes.filter((note) => note.includes('224 pixels'))).toHaveLength(2);
    const free = resolvePreprocess({ inputDims: ['N', 'C', 'H', 'W'] });
    expect(free).toMatchObject({ layout: 'NCHW', channels: 3 });
    expect(free.notes[0]).toContain('where its channels are');
    const set = resolvePreprocess({
      inputDims: ['N', 'C', 'H', 'W'],
      overrides: { layout: 'NHWC', width: 64, height: 32 },
    });
    expect(set).toMatchObject({ layout: 'NHWC', width: 64, height: 32, origin: 'caller' });
    expect(set.notes.join()).not.toMatch(/any width|any height|channels are/);
  });

  it('takes grey and four channels', () => {
    expect(resolvePreprocess({ inputDims: [1, 1, 28, 28] })).toMatchObject({
      channels: 1,
      mean: [0],
      std: [1],
    });
    expect(resolvePreprocess({ inputDims: [1, 64, 64, 4] })).toMatchObject({ channels: 4, layout: 'NHWC' });
  });

  it.each([[[1, 3, 224]], [[1, 128, 768]], [[1, 7, 224, 224]], [[1, 224, 224, 10]], [[]]])(
    'refuses the input %o',
    (inputDims) => {
      expect(() => resolvePreprocess({ inputDims })).toThrow(
        expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }),
      );
    },
  );
});

// What the files of published models say, and what their own code does with it.
const files: [string, object, (number | string)[], object][] = [
  [
    'google/vit-base-patch16-224',
    {
      do_normalize: true,
      do_resize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      size: 224,
    },
    nchw,
    { resizeMode: 'stretch', mean: [0.5, 0.5, 0.5], rescale: 1 / 255 },
  ],
  [
    'google/mobilenet_v2_1.0_224',
    {
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
      do_rescale: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      resample: 2,
      rescale_factor: 0.00392156862745098,
      size: { shortest_edge: 256 },
    },
    nchw,
    { resizeMode: 'shortest-edge', shortestEdge: 256, interpolation: 'bilinear' },
  ],
  [
    'openai/clip-vit-base-patch32',
    {
      crop_size: 224,
      do_center_crop: true,
      do_normalize: true,
      do_resize: true,
      image_mean: [0.48, 0.46, 0.41],
      image_std: [0.27, 0.26, 0.28],
      resample: 3,
      size: 224,
    },
    nchw,
    { resizeMode: 'shortest-edge', shortestEdge: 224, interpolation: 'bicubic', mean: [0.48, 0.46, 0.41] },
  ],
  [
    'facebook/convnext-tiny-224',
    {
      crop_pct: 0.875,
      do_normalize: true,
      do_resize: true,
      image_mean: [0.485, 0.456, 0.406],
      image_std: [0.229, 0.224, 0.225],
      resample: 3,
      size: { shortest_edge: 224 },
    },
    ['N', 3, 'H', 'W'],
    { resizeMode: 'shortest-edge', shortestEdge: 256, width: 224, height: 224 },
  ],
  [
    'facebook/convnext-base-384',
    {
      crop_pct: 0.875,
      do_resize: true,
      image_mean: [0, 0, 0],
      image_std: [1, 1, 1],
      size: { shortest_edge: 384 },
    },
    ['N', 3, 'H', 'W'],
    { resizeMode: 'stretch', width: 384, height: 384 },
  ],
  [
    'microsoft/beit-base-patch16-224',
    {
      crop_size: 224,
      do_center_crop: true,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      size: { height: 256, width: 256 },
    },
    nchw,
    { resizeMode: 'squash', shortestEdge: 256 },
  ],
  [
    'apple/mobilevit-small (BGR, no mean)',
    {
      crop_size: { height: 256, width: 256 },
      do_center_crop: true,
      do_flip_channel_order: true,
      do_normalize: false,
      do_rescale: true,
      size: { shortest_edge: 288 },
    },
    [1, 3, 256, 256],
    { channelOrder: 'BGR', mean: [0, 0, 0], std: [1, 1, 1], shortestEdge: 288 },
  ],
  [
    'no rescale',
    { do_rescale: false, image_mean: 127.5, image_std: 127.5, size: { height: 224, width: 224 } },
    nchw,
    { rescale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
  ],
  [
    'rescale_offset: pixel / 127.5 − 1',
    {
      rescale_factor: 1 / 127.5,
      rescale_offset: true,
      do_normalize: false,
      image_mean: [9, 9, 9],
      size: 224,
    },
    nchw,
    { rescale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] },
  ],
  [
    'google/efficientnet-b0: (pixel − mean) / std / std',
    {
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.25, 0.5],
      include_top: true,
      size: { height: 224, width: 224 },
    },
    nchw,
    { mean: [0.5, 0.5, 0.5], std: [0.25, 0.0625, 0.25] },
  ],
  [
    'timm/mobilenetv3_large_100.ra_in1k',
    {
      architecture: 'mobilenetv3_large_100',
      pretrained_cfg: {
        input_size: [3, 224, 224],
        interpolation: 'bicubic',
        crop_pct: 0.875,
        crop_mode: 'center',
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
    },
    ['N', 3, 'H', 'W'],
    { resizeMode: 'shortest-edge', shortestEdge: 256, interpolation: 'bicubic', width: 224 },
  ],
  [
    'timm, squash, flat',
    {
      input_size: [3, 448, 448],
      interpolation: 'bicubic',
      crop_pct: 1,
      crop_mode: 'squash',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    [1, 3, 448, 448],
    { resizeMode: 'squash', shortestEdge: 448 },
  ],
];

describe('resolvePreprocess, with a file', () => {
  it.each(files)('reads %s', (_, config, inputDims, expected) => {
    const p = resolvePreprocess({ inputDims, config });
    expect(p).toMatchObject({ ...expected, origin: 'file' });
    expect(p.notes).toEqual([]);
  });

  it('scales a file for another size to the model, and says so', () => {
    const config = {
      size: { shortest_edge: 256 },
      crop_size: 224,
      do_center_crop: true,
      image_mean: 0,
      image_std: 1,
    };
    const p = resolvePreprocess({ inputDims: [1, 3, 112, 112], config });
    expect(p).toMatchObject({ width: 112, shortestEdge: 128 });
    expect(p.notes).toEqual([expect.stringContaining('224 × 224')]);
  });

  it('says what it does instead of a frame, an unknown filter, or no resize', () => {
    const scale = { image_mean: 0, image_std: 1 };
    const notes = (config: object) =>
      resolvePreprocess({ inputDims: nchw, config: { ...scale, ...config } }).notes.join();
    expect(notes({ size: { shortest_edge: 200 }, crop_size: 224 })).toContain('not framed');
    expect(notes({ size: 224, resample: 4 })).toContain('filter 4');
    expect(notes({ size: 224, do_resize: false })).toContain('do_resize false');
    expect(
      notes({ input_size: [3, 224, 224], mean: [0, 0, 0], std: [1, 1, 1], crop_mode: 'border' }),
    ).toContain('border');
  });

  it('puts the caller before the file and the file before the guess', () => {
    const config = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], size: 224 };
    const p = resolvePreprocess({ inputDims: nchw, config, overrides: { mean: [0.1], channelOrder: 'BGR' } });
    expect(p).toMatchObject({
      mean: [0.1, 0.1, 0.1],
      std: [0.5, 0.5, 0.5],
      channelOrder: 'BGR',
      origin: 'caller',
    });
  });

  it.each([
    ['image_std', { image_mean: [0, 0, 0], image_std: [0, 1, 1] }],
    ['image_mean', { image_mean: ['a', 0, 0], image_std: [1, 1, 1] }],
    ['image_mean', { image_mean: new Array(1e5).fill(0), image_std: [1, 1, 1] }],
    ['size', { image_mean: 0, size: -5 }],
    ['size', { image_mean: 0, size: 1e9 }],
    ['size', { image_mean: 0, size: { longest_edge: 5 } }],
    ['resample', { image_mean: 0, resample: 99 }],
    ['rescale_factor', { image_mean: 0, rescale_factor: 'Infinity' }],
    ['do_resize', { do_resize: 'yes' }],
    ['input_size', { input_size: [3, 224] }],
    ['input_size.0', { input_size: [30000, 224, 224] }],
    ['crop_pct', { input_size: [3, 224, 224], crop_pct: 1e-9 }],
    ['image_mean', { foo: 1, __proto__: null }],
    ['a JSON object', [1, 2]],
    ['a JSON object', 'text'],
  ])('names %s when it is wrong', (key, config) => {
    const resolve = () => resolvePreprocess({ inputDims: nchw, config });
    expect(resolve).toThrow(
      expect.objectContaining({ code: 'OPTION', message: expect.stringContaining(key) }),
    );
  });
});

describe('resolvePreprocess, with what the caller sets', () => {
  it.each([
    ['width', { width: 128 }],
    ['channels', { channels: 1 as const }],
    ['mean', { mean: [0, 0] }],
    ['std', { std: [0] }],
    ['rescale', { rescale: Number.NaN }],
    ['shortestEdge', { shortestEdge: 100 }],
    ['meam', { meam: [0] }],
  ])('refuses a wrong %s', (key, overrides) => {
    const resolve = () => resolvePreprocess({ inputDims: nchw, overrides: overrides as object });
    expect(resolve).toThrow(
      expect.objectContaining({ code: 'OPTION', message: expect.stringContaining(key) }),
    );
  });

  it('gives settings or a CraftError for any file and any input', () => {
    const keys = [
      'size',
      'crop_size',
      'crop_pct',
      'image_mean',
      'image_std',
      'do_normalize',
      'do_resize',
      'resample',
      'input_size',
      'pretrained_cfg',
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.integer(),
      fc.array(fc.double(), { maxLength: 4 }),
      fc.constant({ shortest_edge: 9 }),
    );
    const config = fc.dictionary(fc.constantFrom(...keys), value);
    const dims = fc.array(fc.oneof(fc.integer({ min: -1, max: 300 }), fc.constantFrom('N', null, 3)), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(config, dims, (config, inputDims) => {
        try {
          const p = resolvePreprocess({ inputDims, config });
          expect(p.mean).toHaveLength(p.channels);
          expect(p.shortestEdge).toBeLessThanOrEqual(16384);
        } catch (error) {
          expect(error).toBeInstanceOf(CraftError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
