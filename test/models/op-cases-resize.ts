// Cases of Resize: modes, coordinates, sizes and scales.

import fc from 'fast-check';
import type { OpCase, OpCases } from './op-case.ts';

export const Resize: OpCases = fc
  .record({
    mode: fc.constantFrom('nearest', 'linear', 'cubic'),
    transform: fc.constantFrom('half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'),
    nearest: fc.constantFrom('round_prefer_floor', 'floor', 'ceil', 'round_prefer_ceil'),
    height: fc.constantFrom(2, 4, 7),
    width: fc.constantFrom(3, 5, 8),
    byScale: fc.boolean(),
    opset: fc.constantFrom(10, 13, 20),
    isFree: fc.boolean(),
  })
  .map(
    ({ mode, transform, nearest, height, width, byScale, opset, isFree }): OpCase => ({
      opset,
      inputs: [{ dims: [2, 2, 4, 5], free: isFree ? [0, 2, 3] : [0] }],
      build: (b, [x]) => {
        if (opset < 11) {
          const scales = b.floats([1, 1, 2, 1.5], [4]);
          return b.node('Resize', [x, scales], { mode: mode === 'cubic' ? 'linear' : mode });
        }
        const attributes = { mode, coordinate_transformation_mode: transform, nearest_mode: nearest };
        if (byScale || isFree)
          return b.node('Resize', [x, '', b.floats([1, 1, height / 4, 1.3], [4])], attributes);
        if (opset < 18) {
          const batch = b.node('Slice', [b.node('Shape', [x]), b.ints([0]), b.ints([2])]);
          const sizes = b.node('Concat', [batch, b.ints([height, width])], { axis: 0 });
          return b.node('Resize', [x, '', '', sizes], attributes);
        }
        return b.node('Resize', [x, '', '', b.ints([height, width])], { ...attributes, axes: [2, 3] });
      },
    }),
  );
