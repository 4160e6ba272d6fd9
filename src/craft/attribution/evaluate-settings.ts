// How much is tested, where nobody says.

/** Defaults of {@link EvaluateOptions}: the cost does not grow with the number of images. */
export const EVALUATE_DEFAULTS = {
  /** Images whose maps are tested. */
  images: 4,
  /** Concepts whose maps are tested. */
  concepts: 3,
  /** Points of a deletion or insertion curve. */
  steps: 10,
  /** Subsets for μFidelity. */
  subsets: 48,
} as const;
