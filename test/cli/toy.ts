// A real small classifier (disk, square, triangle, cross; 64×64) on disk with photographs of its classes.

import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { goldenPath, readNpy } from '../golden/npy.ts';

export interface Toy {
  readonly folder: string;
  readonly model: string;
  readonly images: string;
}

/** Writes the model with labels.txt and preprocessor_config.json beside it, and `count` PNG images. */
export async function writeToy(count = 12): Promise<Toy> {
  const folder = mkdtempSync(join(tmpdir(), 'craft-toy-'));
  const model = join(folder, 'shapes.onnx');
  copyFileSync(goldenPath('models/cnn.onnx'), model);
  writeFileSync(join(folder, 'labels.txt'), 'disk\nsquare\ntriangle\ncross\n');
  const config = {
    size: 64,
    do_resize: true,
    do_rescale: true,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.25, 0.25, 0.25],
  };
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(config));
  const images = join(folder, 'images');
  mkdirSync(images);
  const { data } = readNpy(goldenPath('craft4d/inputs_u8.npy'));
  const plane = 64 * 64;
  for (let n = 0; n < count; n++) {
    const pixels = new Uint8Array(3 * plane);
    for (let k = 0; k < pixels.length; k++)
      pixels[k] = data[n * 3 * plane + (k % 3) * plane + Math.floor(k / 3)];
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toFile(join(images, `shape-${String(n).padStart(2, '0')}.png`));
  }
  return { folder, model, images };
}
