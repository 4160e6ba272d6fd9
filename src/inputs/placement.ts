import type { Preprocess } from './preprocess.ts';

/** An image resized to width × height, of which the model sees its own size from (left, top) on. */
export interface Placement {
  width: number;
  height: number;
  left: number;
  top: number;
}

/**
 * The size that an image is resized to, and where the model's input is cut from it.
 *
 * `shortest-edge` covers the rectangle that has the shape of the model's input and `shortestEdge` as
 * its shorter side, so that the crop never leaves the image; for a square input the shorter side of
 * the image becomes `shortestEdge`. The longer side and the crop's corner are rounded down, as in
 * torchvision's Resize and Hugging Face's center_crop.
 *
 * @param image - width and height of the upright image in pixels, at least 1.
 */
export function placeImage(
  image: { width: number; height: number },
  settings: Pick<Preprocess, 'width' | 'height' | 'resizeMode' | 'shortestEdge'>,
): Placement {
  const { width, height, resizeMode, shortestEdge } = settings;
  if (resizeMode === 'stretch') return { width, height, left: 0, top: 0 };

  const shorter = Math.min(width, height);
  const target = {
    width: Math.floor((width * shortestEdge) / shorter),
    height: Math.floor((height * shortestEdge) / shorter),
  };
  const size = resizeMode === 'squash' ? target : cover(image, target);
  return {
    ...size,
    left: Math.floor((size.width - width) / 2),
    top: Math.floor((size.height - height) / 2),
  };
}

/** The smallest size of the image's shape that covers `target`; one side is exact. */
function cover(
  image: { width: number; height: number },
  target: { width: number; height: number },
): { width: number; height: number } {
  const wider = image.width * target.height >= image.height * target.width;
  return wider
    ? { width: Math.floor((image.width * target.height) / image.height), height: target.height }
    : { width: target.width, height: Math.floor((image.height * target.width) / image.width) };
}
