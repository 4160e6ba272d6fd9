// Total-order Sobol' sensitivity indices of a scalar function f on [0, 1]^r, by five estimators.
//
// Notation: N = design size, r = number of concepts, A and B = independent designs of shape [N, r],
// C_i = A with column i taken from B. a, c_i = f on them; ā, s² = mean and unbiased variance of a.
//
// Every estimator takes `outputs`, f on the rows of replicatedDesign: A, then B, then C_0 … C_(r−1),
// shape [N(r + 2)]. None of them reads the N values of B: these may be NaN, so that f need not run there.
// Where f is constant on A the index is undefined, and every estimator returns all 0.

import { CraftError } from '../errors.ts';
import { mean, variance } from './stats.ts';

export type EstimatorName = 'jansen' | 'homma' | 'janon' | 'glen' | 'saltelli';

type Outputs = Float32Array | Float64Array;

/**
 *     ST_i = 1/(2N) · Σ_n (a_n − c_n)² / s²
 *
 * The expected share of the variance of f that remains when every input but i is fixed. Never negative;
 * may pass 1 by sampling error. The default: least variance of the five in most studies.
 *
 * @param outputs - f on A, B (not read), C_0 … C_(r−1), [N(r + 2)].
 * @param nbDesign - N, at least 2.
 * @returns ST [r]; all 0 if f is constant on A.
 * @throws {@link CraftError} `SHAPE` unless outputs is N(r + 2) long with r ≥ 1.
 * @see Jansen, Analysis of variance designs for model output (1999), Comput. Phys. Commun. 117, 35–43.
 */
export function jansen(outputs: Outputs, nbDesign: number): Float64Array {
  return estimate('jansen', outputs, nbDesign);
}

/**
 *     ST_i = (s² − 1/N Σ a_n c_n + ā²) / s²
 *
 * Can be negative; changes with a shift of f. Parameters, result and errors as {@link jansen}.
 *
 * @see Homma and Saltelli, Importance measures in global sensitivity analysis (1996), Reliab. Eng. Syst. Saf. 52, 1–17.
 */
export function homma(outputs: Outputs, nbDesign: number): Float64Array {
  return estimate('homma', outputs, nbDesign);
}

/**
 *     ST_i = 1 − (1/N Σ a_n c_n − m²) / (1/(2(N − 1)) Σ (a_n² + c_n²) − m²),  m = (ā + c̄) / 2
 *
 * Parameters, result and errors as {@link jansen}.
 *
 * @see Janon et al., Asymptotic normality and efficiency of two Sobol index estimators (2014), ESAIM: PS 18, 342–364.
 */
export function janon(outputs: Outputs, nbDesign: number): Float64Array {
  return estimate('janon', outputs, nbDesign);
}

/**
 *     ST_i = 1 − 1/(N − 1) Σ (a_n − ā)(c_n − c̄) / √(var a · var c),  var dividing by N
 *
 * One minus a correlation (times N/(N − 1)). Parameters, result and errors as {@link jansen}.
 *
 * @see Glen and Isaacs, Estimating Sobol sensitivity indices using correlations (2012), Environ. Model. Softw. 37, 157–166.
 */
export function glen(outputs: Outputs, nbDesign: number): Float64Array {
  return estimate('glen', outputs, nbDesign);
}

/**
 *     ST_i = 1 − (1/N Σ a_n c_n − ā²) / s²
 *
 * The same number as {@link homma}, written as Saltelli does. Parameters, result and errors as {@link jansen}.
 *
 * @see Saltelli et al., Global sensitivity analysis: the primer (2008), ch. 4.
 */
export function saltelli(outputs: Outputs, nbDesign: number): Float64Array {
  return estimate('saltelli', outputs, nbDesign);
}

/**
 * Sums over the rows of a design, of outputs shifted by a constant: a' = a − shift. The estimators are
 * functions of these, so that a bootstrap need not go back to the rows.
 */
export interface Moments {
  /** Number of rows N. */
  N: number;
  shift: number;
  sumA: number;
  sumAA: number;
  sumC: number;
  sumCC: number;
  sumAC: number;
  /** Σ (a_n − c_n)². */
  sumDD: number;
}

/** The formulas, on moments whose variance of a is not 0. */
export const estimators: Record<EstimatorName, (m: Moments) => number> = {
  jansen: (m) => m.sumDD / (2 * m.N * varianceOfA(m)),
  homma: (m) => 1 - covariance(m) / varianceOfA(m),
  saltelli: (m) => 1 - covariance(m) / varianceOfA(m),
  janon: janonOfMoments,
  glen: glenOfMoments,
};

/**
 * What an estimate becomes if the mean of a over the design is taken for exact, as it nearly is for a smooth f on an
 * even design, so that Σ(a − ā)² is divided by N. The estimators divide by N − 1, which is right for
 * independent rows; the truth lies between the two.
 *
 * @param share - of a mean of estimates: the share that is not 0 by definition.
 */
export function withExactMean(estimator: EstimatorName, N: number, share = 1): (index: number) => number {
  const q = N / (N - 1);
  if (estimator === 'jansen') return (index) => index * q;
  if (estimator === 'glen') return (index) => share - (share - index) / q;
  return (index) => share - (share - index) * q;
}

/** s² of a. */
export function varianceOfA({ N, sumA, sumAA }: Moments): number {
  return Math.max(0, sumAA - (sumA * sumA) / N) / (N - 1);
}

/** 1/N Σ a c − ā², which is not invariant to the shift: s·(ā − c̄) puts it back. */
function covariance({ N, shift, sumA, sumC, sumAC }: Moments): number {
  return sumAC / N - (sumA / N) ** 2 - (shift * (sumA - sumC)) / N;
}

function janonOfMoments({ N, shift, sumA, sumC, sumAA, sumCC, sumAC }: Moments): number {
  const m = (sumA + sumC) / (2 * N); // shifted; the numerator does not see the shift
  const above = sumAC / N - m * m;
  // the two divisors, N − 1 and N, leave a part of it in the denominator
  const below = (sumAA + sumCC) / (2 * (N - 1)) - m * m + (shift * (2 * m + shift)) / (N - 1);
  return 1 - above / below;
}

function glenOfMoments({ N, sumA, sumC, sumAA, sumCC, sumAC }: Moments): number {
  const product = (sumAA / N - (sumA / N) ** 2) * (sumCC / N - (sumC / N) ** 2);
  if (!(product > 0)) return 1; // c constant: it has no correlation with a
  return 1 - (sumAC - (sumA * sumC) / N) / (N - 1) / Math.sqrt(product);
}

function estimate(name: EstimatorName, outputs: Outputs, nbDesign: number): Float64Array {
  const N = nbDesign;
  const r = outputs.length / N - 2;
  if (!(Number.isInteger(N) && N >= 2 && Number.isInteger(r) && r >= 1)) {
    throw new CraftError(
      'SHAPE',
      `${name}: expected N(r + 2) outputs with N ≥ 2, r ≥ 1; got ${outputs.length} for N = ${N}`,
    );
  }
  const st = new Float64Array(r);
  const a = outputs.subarray(0, N);
  if (variance(a) === 0) return st;
  const shift = mean(a);
  for (let i = 0; i < r; i++) {
    const c = outputs.subarray((2 + i) * N, (3 + i) * N);
    st[i] = estimators[name](momentsOf(a, c, shift));
  }
  return st;
}

function momentsOf(a: Outputs, c: Outputs, shift: number): Moments {
  const m = { N: a.length, shift, sumA: 0, sumAA: 0, sumC: 0, sumCC: 0, sumAC: 0, sumDD: 0 };
  for (let n = 0; n < a.length; n++) {
    const x = a[n] - shift;
    const y = c[n] - shift;
    m.sumA += x;
    m.sumAA += x * x;
    m.sumC += y;
    m.sumCC += y * y;
    m.sumAC += x * y;
    m.sumDD += (a[n] - c[n]) ** 2;
  }
  return m;
}
