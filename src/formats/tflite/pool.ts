// AVERAGE_POOL_2D, MAX_POOL_2D. Padding counts in neither the mean nor the maximum, as in ONNX.

import { withActivation } from './activation.ts';
import { mapDims, windowOf } from './conv.ts';
import type { Importer } from './importer.ts';
import type { TfliteOperator } from './read.ts';

export function averagePool2d(importer: Importer, o: TfliteOperator): void {
  pool(importer, o, 'AveragePool', 'GlobalAveragePool');
}

export function maxPool2d(importer: Importer, o: TfliteOperator): void {
  pool(importer, o, 'MaxPool', 'GlobalMaxPool');
}

function pool(importer: Importer, o: TfliteOperator, windowed: string, whole: string): void {
  const { options } = o;
  const padding = options.int8(0);
  const [strideWidth, strideHeight] = [options.int32(1), options.int32(2)];
  const [kernelWidth, kernelHeight] = [options.int32(3), options.int32(4)];
  const [batch, height, width, channels] = mapDims(importer, o);
  const rows = windowOf(o, padding, height, kernelHeight, strideHeight);
  const columns = windowOf(o, padding, width, kernelWidth, strideWidth);

  const out = importer.define(o, {
    dims: [batch, rows.size, columns.size, channels],
    layout: 'NCHW',
    batch: 0,
  });
  const x = importer.read(importer.operand(o, 0), 'NCHW');
  // One window over the whole map: then the size of the map does not matter.
  const covers = rows.size === 1 && columns.size === 1 && kernelHeight >= height && kernelWidth >= width;
  withActivation(importer, options.int8(5), out, 'pool', (name) => {
    if (covers) return importer.graph.node(whole, [x], name);
    return importer.graph.node(windowed, [x], name, {
      kernel_shape: [kernelHeight, kernelWidth],
      strides: [strideHeight, strideWidth],
      pads: [rows.begin, columns.begin, rows.end, columns.end],
    });
  });
}
