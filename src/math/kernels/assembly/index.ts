// The kernels: what the module exports. Compiled by scripts/build-kernels.mjs.

export { gramOfRows, narrowRows, rowsOfPanel } from './bank';
export { descend, extrapolate } from './descent';
export { orthonormalize } from './orthonormalize';
export { descentPass, foldPass, outerPass, residualPass, sketchPass } from './passes';
export { nnlsPass } from './pivoting';
export { addGram, pack } from './products';
export { compressPass, countNonzero, packLanes } from './sparse';
export { add, inner, spread } from './sums';
