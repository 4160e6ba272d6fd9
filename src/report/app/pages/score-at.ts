import type { Matrix } from '../details.ts';

/**
 * The score with part of some concepts kept, for a head that is affine: logit − Σ_i (1 − m_i) c_i.
 *
 * @param contributions - c, [N, r].
 * @param kept - m_i by concept id; 1 where it is missing.
 */
export function scoreAt(
  logit: number,
  contributions: Matrix,
  input: number,
  kept: Readonly<Record<number, number>>,
): number {
  let score = logit;
  for (const [id, share] of Object.entries(kept)) score -= (1 - share) * contributions.at(input, Number(id));
  return score;
}
