// What the pages of concepts and inputs need, from the matrices of a run.

import type { Explanation } from '../../craft/explanation.ts';
import type { TextExplanation } from '../../craft/text/text-explanation.ts';
import { CraftError } from '../../errors.ts';
import { checkTensor, type Tensor } from '../../tensor/tensor.ts';
import type { Example, Explained, ReportDetails } from '../report-data.ts';
import { conceptDetails } from './concept-details.ts';
import { contributionsOf, inputMeans } from './contributions.ts';
import { cosines } from './cosine.ts';
import { packMatrix } from './pack-matrix.ts';
import { rowPlaces } from './row-places.ts';

/** Matrices of a run, concepts by their id; the page says less without them. */
export interface DetailSource {
  /** Concept bank [r, p]. */
  W?: Tensor;
  /** Coefficients of the rows [n, r]. */
  U?: Tensor;
  /** Coefficients of whole texts [N, r]. */
  U_texts?: Tensor;
  /** S_T of each input, [N, r]. */
  importance_per_input?: Tensor;
  /** Place of each row of U [n, 3]: text, start, end. */
  units?: Tensor;
  /** What each concept adds to the class score of each input, [N, r]; where missing, it may follow from ū. */
  contributions?: Tensor;
}

/** More concepts than this are no picture. */
const MOST_CONCEPTS = 512;

/** @throws {@link CraftError} `SHAPE` if a matrix does not fit the explanation. */
export function imageDetails(explanation: Explanation, source: DetailSource): ReportDetails {
  const { U } = source;
  const N = explanation.inputs.items.length;
  const isDense = explanation.settings.rows === 'dense';
  const placeOf = rowPlaces(explanation);
  const exampleOf = (row: number, value: number): Example | null => {
    const place = placeOf?.(row);
    // only some images stand beside the page
    return place && explanation.inputs.items[place.input].image !== null ? { row, ...place, value } : null;
  };
  return detailsOf(explanation, source, exampleOf, U && isDense ? inputMeans(U, N) : null);
}

/** @throws {@link CraftError} `SHAPE` if a matrix does not fit the explanation. */
export function textDetails(explanation: TextExplanation, source: DetailSource): ReportDetails {
  const { inputs } = explanation;
  const { units } = source;
  const exampleOf = (row: number, value: number): Example | null => {
    if (!units) return null;
    const [input, start, end] = units.data.subarray(3 * row, 3 * row + 3);
    // a page leaves out texts of which it shows nothing
    return (inputs.items[input]?.text ?? null) === null ? null : { row, input, span: [start, end], value };
  };
  return detailsOf(explanation, source, exampleOf, source.U_texts ?? null);
}

function detailsOf(
  explanation: Explained,
  source: DetailSource,
  exampleOf: (row: number, value: number) => Example | null,
  coefficients: Tensor | null,
): ReportDetails {
  const { W, U, importance_per_input: perInput } = source;
  checkFits(explanation, source);
  const r = explanation.concepts.length;
  const contributions =
    source.contributions ??
    (coefficients && perInput && contributionsOf(explanation, coefficients, perInput));
  return {
    concepts: U ? explanation.concepts.map(({ id }) => conceptDetails(U, id, exampleOf)) : [],
    cosine: W && r <= MOST_CONCEPTS ? packMatrix(cosines(W)) : null,
    perInput: perInput ? packMatrix(perInput) : null,
    contributions: contributions ? packMatrix(contributions) : null,
  };
}

function checkFits(explanation: Explained, source: DetailSource): void {
  const { concepts, factorization, inputs } = explanation;
  const r = concepts.length;
  const N = inputs.items.length;
  const dims: Record<keyof DetailSource, number[]> = {
    W: [r, factorization.width],
    U: [factorization.rows, r],
    U_texts: [N, r],
    importance_per_input: [N, r],
    contributions: [N, r],
    units: [factorization.rows, 3],
  };
  for (const [name, expected] of Object.entries(dims)) {
    const found = source[name as keyof DetailSource];
    if (!found) continue;
    checkTensor(found, `renderReport: ${name}`);
    if (String(found.dims) !== String(expected)) {
      throw new CraftError(
        'SHAPE',
        `renderReport: expected ${name} with dims [${expected}], those of its explanation; got [${found.dims}]`,
      );
    }
  }
}
