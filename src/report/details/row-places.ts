// Where the rows of U come from: an explanation names only those that it shows.

import type { Concept, Explanation } from '../../craft/explanation.ts';

type Place = Pick<Concept['bestRows'][number], 'input' | 'box'>;

/**
 * Input and box of a row of U, worked out from the settings; null if that does not give the places of the rows that
 * the explanation names.
 */
export function rowPlaces(explanation: Explanation): ((row: number) => Place) | null {
  const { factorization, inputs } = explanation;
  const boxes = explanation.settings.rows === 'crops' ? cropBoxes(explanation) : cellBoxes(explanation);
  if (boxes.length === 0 || factorization.rows !== boxes.length * inputs.items.length) return null;
  const placeOf = (row: number): Place => ({
    input: Math.floor(row / boxes.length),
    box: boxes[row % boxes.length],
  });
  const named = explanation.concepts.flatMap((concept) => concept.bestRows);
  const agrees = named.every(({ row, input, box }) => {
    const place = placeOf(row);
    return (
      place.input === input &&
      (['x', 'y', 'width', 'height'] as const).every((side) => place.box[side] === box[side])
    );
  });
  return agrees ? placeOf : null;
}

/** No image has more crops than this; a file may say otherwise. */
const MOST_BOXES = 2 ** 16;

function cropBoxes({ preprocess: { width, height }, settings }: Explanation): Place['box'][] {
  const { patchSize: size, stride } = settings;
  const along = (length: number): number => Math.floor((length - size) / stride) + 1;
  const [columns, rows] = [along(width), along(height)];
  if (!(columns >= 1 && rows >= 1 && columns * rows <= MOST_BOXES)) return [];
  return Array.from({ length: rows * columns }, (_, k) => ({
    x: stride * (k % columns),
    y: stride * Math.floor(k / columns),
    width: size,
    height: size,
  }));
}

/** A cell of the grid is shown by a square of the crops' size around it. */
function cellBoxes({ preprocess: { width, height }, settings, layer }: Explanation): Place['box'][] {
  const [rows, columns] = gridOf(layer);
  if (!(rows >= 1 && columns >= 1 && rows * columns <= MOST_BOXES)) return [];
  return Array.from({ length: rows * columns }, (_, k) => {
    const [row, column] = [Math.floor(k / columns), k % columns];
    const [x, shownWidth] = around(
      (column + 0.5) / columns,
      width,
      Math.max(settings.patchSize, width / columns),
    );
    const [y, shownHeight] = around((row + 0.5) / rows, height, Math.max(settings.patchSize, height / rows));
    return { x, y, width: shownWidth, height: shownHeight };
  });
}

function gridOf({ layout, dims, prefixTokens }: Explanation['layer']): [number, number] {
  if (layout === 'NCHW') return [dims[2] ?? 0, dims[3] ?? 0];
  if (layout === 'NHWC') return [dims[1] ?? 0, dims[2] ?? 0];
  if (layout === 'NC') return [1, 1];
  const side = Math.sqrt((dims[1] ?? 0) - prefixTokens);
  return Number.isInteger(side) ? [side, side] : [0, 0];
}

/** Start and length of a stretch of `size` around a share of `total`, inside it, in whole pixels. */
function around(share: number, total: number, size: number): [number, number] {
  const length = Math.min(Math.ceil(size), total);
  const start = Math.round(share * total - length / 2);
  return [Math.max(0, Math.min(start, total - length)), length];
}
