// What the preprocessing of a model may be where nothing says it.

import { CraftError } from '../errors.ts';
import type { Preprocess } from './preprocess.ts';

export type Settings = Omit<Preprocess, 'origin' | 'notes'>;

/** Of the model's input; null where a size is free. */
export type Shape = {
  layout: Preprocess['layout'];
  channels: Preprocess['channels'];
  width: number | null;
  height: number | null;
};
/** A remark, and the settings that it is about: it is dropped where another source gives them all. */
export type Note = { about: (keyof Settings)[]; text: string };

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** What holds for every guess; size and layout are set by the caller of the guess. */
const ASSUMED = {
  width: 0,
  height: 0,
  channels: 3,
  layout: 'NCHW',
  channelOrder: 'RGB',
  interpolation: 'bilinear',
  shortestEdge: 0,
} as const;

/** A TFLite input of 8-bit pixels: the file itself says which real value a pixel stands for. */
export function fromQuantised(
  { scale, zeroPoint }: { scale: number; zeroPoint: number },
  notes: Note[],
): Settings {
  if (!Number.isFinite(scale) || scale <= 0 || !Number.isFinite(zeroPoint)) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `resolvePreprocess: expected a quantised input with a scale above 0 and a finite zero point; got scale ${scale} and zero point ${zeroPoint}`,
    );
  }
  notes.push({
    about: ['resizeMode'],
    text: 'Images are stretched to the size of the model, which does not say how. Change it with --resize.',
  });
  return { ...ASSUMED, resizeMode: 'stretch', rescale: 1, mean: [zeroPoint], std: [1 / scale] };
}

/** The usual training recipes: torchvision's for PyTorch's layout, Keras' and TF-Slim's for TensorFlow's. */
export function fromModel(
  { layout, channels }: Shape,
  producer: string,
  size: { width: number; height: number },
  notes: Note[],
): Settings {
  const fromTensorFlow = /tf2onnx|tensorflow|keras|tflite/i.test(producer);
  const fromTorch = /torch/i.test(producer);
  const shortestEdge = Math.min(16384, Math.floor(Math.min(size.width, size.height) / 0.875));
  const change =
    'Change it with --rescale, --mean and --std, or put the preprocessor_config.json of the model beside it.';
  const scaling = (text: string) =>
    notes.push({ about: ['rescale', 'mean', 'std'], text: `${text} ${change}` });
  const assume = `The model (${layout}${producer ? `, written by ${producer.slice(0, 40).replace(/\p{Cc}/gu, ' ')}` : ''}) does not say how it scales pixels:`;
  if (fromTensorFlow || (layout === 'NHWC' && !fromTorch)) {
    scaling(`${assume} values from −1 to 1 are assumed, as in TensorFlow.`);
    notes.push({
      about: ['resizeMode'],
      text: 'Images are stretched to the size of the model. Change it with --resize.',
    });
    return { ...ASSUMED, resizeMode: 'stretch', rescale: 1, mean: [127.5], std: [127.5] };
  }

  notes.push({
    about: ['resizeMode'],
    text: `Images are resized to a shorter side of ${shortestEdge} pixels and their centre is used, as in torchvision. Change it with --resize.`,
  });
  const crop = { ...ASSUMED, resizeMode: 'shortest-edge', shortestEdge, rescale: 1 / 255 } as const;
  if (channels === 3) {
    scaling(`${assume} the mean and standard deviation of ImageNet are assumed, as in torchvision.`);
    return { ...crop, ...IMAGENET };
  }
  scaling(`${assume} values from 0 to 1 are assumed.`);
  return { ...crop, mean: [0], std: [1] };
}
