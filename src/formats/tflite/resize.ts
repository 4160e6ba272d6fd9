// RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR, SPACE_TO_DEPTH, DEPTH_TO_SPACE.

import { mapDims } from './conv.ts';
import type { Converter } from './elementwise.ts';
import { malformed } from './fail.ts';

/** Options of both resizes: align_corners and half_pixel_centers, at these fields. */
export function resize(mode: 'linear' | 'nearest', alignField: number, halfField: number): Converter {
  return (importer, o) => {
    const [batch, height, width, channels] = mapDims(importer, o);
    const wanted = importer.tensor(importer.operand(o, 0, 'outputs')).shape;
    if (wanted.length !== 4 || !(wanted[1] >= 1 && wanted[2] >= 1))
      throw malformed(o.op, 'a map', `[${wanted}]`);
    const align = o.options.bool(alignField);
    const half = o.options.bool(halfField);
    const out = importer.define(o, {
      dims: [batch, wanted[1], wanted[2], channels],
      layout: 'NCHW',
      batch: 0,
    });
    const scales = [1, 1, scaleFor(height, wanted[1]), scaleFor(width, wanted[2])];
    const { graph } = importer;
    const inputs = [
      importer.read(importer.operand(o, 0), 'NCHW'),
      '', // the region of interest, of another mode
      graph.floats(`${out}/scales`, Float32Array.from(scales), [4]),
    ];
    // TFLite rounds down from the corner of a cell, from its centre, or to the nearest of aligned corners.
    const nearest = align || half ? 'round_prefer_ceil' : 'floor';
    graph.node('Resize', inputs, out, {
      mode,
      coordinate_transformation_mode: align ? 'align_corners' : half ? 'half_pixel' : 'asymmetric',
      ...(mode === 'nearest' ? { nearest_mode: nearest } : {}),
    });
  };
}

/** The float32 factor from which ONNX, which rounds down, gets the wanted size. */
function scaleFor(size: number, wanted: number): number {
  const factor = Math.fround(wanted / size);
  if (Math.floor(Math.fround(size * factor)) >= wanted) return factor;
  return Math.fround(factor * (1 + 2 ** -23));
}

/** Blocks of the map become channels in the order row, column, channel; ONNX means the same. */
export const spaceToDepth: Converter = (importer, o) => {
  const [batch, height, width, channels] = mapDims(importer, o);
  const b = o.options.int32(0);
  if (!(b >= 1 && height % b === 0 && width % b === 0)) {
    throw malformed(o.op, `a block size that divides ${height} and ${width}`, b);
  }
  const dims = [batch, height / b, width / b, channels * b * b];
  const out = importer.define(o, { dims, layout: 'NCHW', batch: 0 });
  importer.graph.node('SpaceToDepth', [importer.read(importer.operand(o, 0), 'NCHW')], out, { blocksize: b });
};

export const depthToSpace: Converter = (importer, o) => {
  const [batch, height, width, channels] = mapDims(importer, o);
  const b = o.options.int32(0);
  if (!(b >= 1 && channels % (b * b) === 0))
    throw malformed(o.op, `a block size whose square divides ${channels}`, b);
  const dims = [batch, height * b, width * b, channels / (b * b)];
  const out = importer.define(o, { dims, layout: 'NCHW', batch: 0 });
  importer.graph.node('DepthToSpace', [importer.read(importer.operand(o, 0), 'NCHW')], out, {
    blocksize: b,
    mode: 'DCR',
  });
};
