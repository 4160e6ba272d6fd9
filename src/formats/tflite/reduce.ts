// MEAN, SUM, REDUCE_MAX, REDUCE_MIN along constant axes.

import { axisOf, onnxAxis, refuseBatch } from './axes.ts';
import type { Converter } from './elementwise.ts';
import type { Layout } from './layout.ts';

/**
 * @param opType - of ONNX; ReduceSum alone takes its axes as an input in this opset.
 * @param whole - the ONNX pool that does the same over a whole map: then the head of a network is
 *   recognised as pool and linear layer.
 */
export function reduce(opType: string, whole?: string): Converter {
  return (importer, o) => {
    const x = importer.input(o);
    const rank = x.dims.length;
    const given = importer.ints(importer.operand(o, 1)).map((axis) => axisOf(o, axis, rank));
    const axes = [...new Set(given)].sort((a, b) => a - b);
    for (const axis of axes) refuseBatch(o, axis, x);
    const keep = o.options.bool(0);
    const overMap = x.layout === 'NCHW' && axes.join() === '1,2';
    const left = x.dims.length - axes.length;
    // Without its reduced dims an NCHW tensor has the order of the file if only one is left beside the batch.
    const layout: Layout = keep || overMap || left <= 2 ? x.layout : 'plain';
    const dims = keep
      ? x.dims.map((d, k) => (axes.includes(k) ? 1 : d))
      : x.dims.filter((_, k) => !axes.includes(k));
    const batch = keep ? x.batch : x.batch - axes.filter((axis) => axis < x.batch).length;
    const out = importer.define(o, { dims, layout: keep ? layout : 'plain', batch });

    const { graph } = importer;
    const source = importer.read(importer.operand(o, 0), layout);
    if (whole && overMap) {
      const pooled = keep ? out : graph.unique(`${out}/pool`);
      graph.node(whole, [source], pooled);
      if (!keep) graph.node('Flatten', [pooled], out, { axis: 1 });
      return;
    }
    const at = axes.map((axis) => onnxAxis(axis, rank, layout));
    const keepdims = keep ? 1 : 0;
    if (axes.length === 0) graph.node('Identity', [source], out);
    else if (opType === 'ReduceSum')
      graph.node(opType, [source, graph.ints(`${out}/axes`, at)], out, { keepdims });
    else graph.node(opType, [source], out, { axes: at, keepdims });
  };
}
