// Shapes of ops that sample a map at other places.

import { floatsOf } from '../attributes.ts';
import { axisOf, type Call, type Dims } from './value.ts';

/** Sizes or scales, of all dims or of `axes`; Resize before version 11 has scales at input 1. */
export function Resize(c: Call): Dims | null {
  const data = c.dims(0);
  if (!data) return null;
  const axes = c.ints('axes')?.map((a) => axisOf(a, data.length)) ?? data.map((_, i) => i);
  const sizes = c.opset >= 11 ? c.values(3) : null;
  const scales = c.opset >= 11 ? c.values(2) : c.values(1);
  const policy = c.string('keep_aspect_ratio_policy', 'stretch');
  if (sizes?.length === axes.length) {
    const out = [...data];
    const ratios = axes.map((axis, i) => sizes[i] / data[axis]);
    const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    axes.forEach((axis, i) => {
      out[axis] = policy === 'stretch' ? sizes[i] : Math.round(ratio * data[axis]);
    });
    return out;
  }
  return scales?.length === axes.length ? scaled(data, axes, scales) : null;
}

/** The ancestor of Resize: scales in an attribute (version 7) or at input 1 (version 9). */
export function Upsample(c: Call): Dims | null {
  const data = c.dims(0);
  const scales = c.has(1) ? c.values(1) : floatsOf(c.node, 'scales');
  if (!data || scales?.length !== data.length) return null;
  return scaled(
    data,
    data.map((_, i) => i),
    scales,
  );
}

function scaled(data: Dims, axes: readonly number[], scales: readonly number[]): Dims {
  const out = [...data];
  axes.forEach((axis, i) => {
    out[axis] = Math.floor(data[axis] * scales[i]);
  });
  return out;
}

/** Grid [N, H', W', 2] (or one more spatial dim) over data [N, C, H, W]. */
export function GridSample(c: Call): Dims | null {
  const data = c.dims(0);
  const grid = c.dims(1);
  return data && grid && data.length >= 3 ? [data[0], data[1], ...grid.slice(1, -1)] : null;
}

/** Rois [R, 4] on maps [N, C, H, W]. */
export function RoiAlign(c: Call): Dims | null {
  const data = c.dims(0);
  const rois = c.dims(1);
  return data && rois ? [rois[0], data[1], c.int('output_height', 1), c.int('output_width', 1)] : null;
}

export function MaxRoiPool(c: Call): Dims | null {
  const data = c.dims(0);
  const rois = c.dims(1);
  const pooled = c.ints('pooled_shape');
  return data && rois && pooled ? [rois[0], data[1], ...pooled] : null;
}
