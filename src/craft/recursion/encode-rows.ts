// The rows of a concept, seen at an earlier layer.
//
// A crop (or a text) is encoded again and averaged, one row for one. A location of a dense fit is a cell of
// the parent's grid: its rows are all cells of the earlier, finer grid whose centre lies in it.

import type { Tensor } from '../../tensor/tensor.ts';
import type { CraftInputs } from '../batches.ts';
import { denseRows, type LatentShape, type Latents, pooledRows } from '../layout.ts';
import type { RunOptions } from '../options.ts';
import type { RowSource } from '../row-list.ts';
import type { EarlierCut } from './cut.ts';
import { latentsOf, type Part } from './latents-of.ts';
import { evenly } from './select.ts';

/** What a concept's rows come from. */
export interface RowOrigin {
  readonly inputs: CraftInputs;
  /** Of every row of U. */
  readonly sources: readonly RowSource[];
  /** Of the parent's latent. */
  readonly grid: readonly [number, number] | null;
}

/** Rows at the earlier layer. */
export interface EncodedRows {
  /** [m, p'] */
  readonly A: Tensor<Float32Array>;
  readonly sources: readonly RowSource[];
  /** The parent's row, as an index into its U, that each row is of. */
  readonly parents: readonly number[];
  /** Of the earlier latent. */
  readonly grid: readonly [number, number] | null;
  /** Latents for the importance, of some of the parts. */
  readonly latents: readonly PartOfConcept[];
}

/** A crop or an input, and where in it the concept is. */
export interface PartOfConcept {
  readonly latents: Latents;
  /** Locations, tokens before the grid counted, that are of the concept; null: all. */
  readonly locations: readonly number[] | null;
}

/** Memory that the latents kept for the importance take at most, a layer. */
const LATENT_BYTES = 64 * 2 ** 20;
const FEWEST_LATENTS = 4;
const FLOAT32 = 4;

/**
 * Encodes rows of a fit at an earlier layer.
 *
 * @param rows - indices into `origin.sources`, strongest first; the result keeps their order.
 * @param importanceParts - most latents to keep, spread evenly over the ranking.
 */
export async function encodeRows(
  cut: EarlierCut,
  origin: RowOrigin,
  rows: readonly number[],
  importanceParts: number,
  run: RunOptions,
): Promise<EncodedRows> {
  const { parts, rowsOfPart } = partsOf(origin.sources, rows);
  const keep = new Set(evenly([...parts.keys()], importanceParts));
  const found = new Map<number, Float32Array[]>(); // by row
  const cells = new Map<number, readonly number[]>(); // by row
  const latents = new Map<number, PartOfConcept>(); // by part
  let grid: EncodedRows['grid'] = null;
  for await (const { part, latents: latent } of latentsOf(cut, origin.inputs, parts, run)) {
    const { shape } = latent;
    ({ grid } = shape);
    const inDense = new Set<number>();
    for (const row of rowsOfPart[part]) {
      const { location } = origin.sources[row];
      if (location === null) found.set(row, [pooledRows(latent, cut.resolved.reads).data]);
      else {
        const own = cellsIn(location, origin.grid, shape);
        cells.set(row, own);
        found.set(row, rowsAt(latent, own));
        for (const cell of own) inDense.add(shape.prefixTokens + cell);
      }
    }
    const most = Math.max(
      FEWEST_LATENTS,
      Math.floor(LATENT_BYTES / (FLOAT32 * shape.locations * shape.width)),
    );
    if (keep.has(part) && latents.size < most) {
      latents.set(part, {
        latents: latent,
        locations: inDense.size > 0 ? [...inDense].sort((a, b) => a - b) : null,
      });
    }
  }
  const order = [...latents.keys()].sort((a, b) => a - b);
  return { ...joined(rows, found, cells, origin.sources), grid, latents: order.map((k) => latents.get(k)!) };
}

/** The parts that rows are in, each once, in the order of the rows. */
function partsOf(
  sources: readonly RowSource[],
  rows: readonly number[],
): { parts: Part[]; rowsOfPart: number[][] } {
  const known = new Map<string, number>();
  const parts: Part[] = [];
  const rowsOfPart: number[][] = [];
  for (const row of rows) {
    const { input, box } = sources[row];
    const key = box ? `${input} ${box.x} ${box.y} ${box.width} ${box.height}` : `${input}`;
    let at = known.get(key);
    if (at === undefined) {
      at = parts.push({ input, box }) - 1;
      known.set(key, at);
      rowsOfPart.push([]);
    }
    rowsOfPart[at].push(row);
  }
  return { parts, rowsOfPart };
}

/**
 * The cells of a finer grid in one of a coarser grid, row-major: those whose centre is in it, or the nearest
 * if no centre is. Locations that are no grid, on either side, go one to one if they are as many, else all
 * are taken.
 */
export function cellsIn(
  location: number,
  coarse: readonly [number, number] | null,
  { grid, locations, prefixTokens }: Pick<LatentShape, 'grid' | 'locations' | 'prefixTokens'>,
): number[] {
  const count = locations - prefixTokens;
  if (!coarse || !grid) {
    if (!coarse && !grid && location < count) return [location];
    return Array.from({ length: count }, (_, k) => k);
  }
  const [row, column] = [Math.floor(location / coarse[1]), location % coarse[1]];
  const down = centresIn(row, coarse[0], grid[0]);
  const across = centresIn(column, coarse[1], grid[1]);
  return down.flatMap((y) => across.map((x) => y * grid[1] + x));
}

/** Of `fine` cells along an axis, those with their centre in cell `k` of `coarse`. */
function centresIn(k: number, coarse: number, fine: number): number[] {
  const inside = Array.from({ length: fine }, (_, j) => j).filter(
    (j) => Math.floor(((j + 0.5) * coarse) / fine) === k,
  );
  return inside.length > 0 ? inside : [Math.min(fine - 1, Math.floor(((k + 0.5) * fine) / coarse))];
}

function rowsAt(latent: Latents, cells: readonly number[]): Float32Array[] {
  const { width: p } = latent.shape;
  const { data } = denseRows(latent);
  return cells.map((cell) => data.slice(cell * p, (cell + 1) * p));
}

function joined(
  rows: readonly number[],
  found: ReadonlyMap<number, Float32Array[]>,
  cells: ReadonlyMap<number, readonly number[]>,
  sources: readonly RowSource[],
): Pick<EncodedRows, 'A' | 'sources' | 'parents'> {
  const parts: Float32Array[] = [];
  const own: RowSource[] = [];
  const parents: number[] = [];
  for (const row of rows) {
    for (const [k, data] of (found.get(row) ?? []).entries()) {
      parts.push(data);
      parents.push(row);
      own.push({ ...sources[row], location: cells.get(row)?.[k] ?? null });
    }
  }
  const p = parts[0]?.length ?? 0;
  const data = new Float32Array(parts.length * p);
  parts.forEach((part, k) => {
    data.set(part, k * p);
  });
  return { A: { data, dims: [parts.length, p] }, sources: own, parents };
}
