// Integrated gradients: the difference between s(x) and s(baseline), shared out among the pixels.
//
// Notation: x(t) = x₀ + t (x − x₀), t ∈ [0, 1]; s_k(t) = s_k(x(t)); d_k(t) = ⟨x − x₀, ∂s_k/∂x(x(t))⟩ = s_k'(t).
// Over a part [a, b] of the way the midpoint rule misses e_k = (b − a) d_k((a + b)/2) − (s_k(b) − s_k(a)), which is known,
// as s is: so the parts where it is large are made smaller, and the sum of all e_k is the gap.

import type { Tensor } from '../../tensor/tensor.ts';
import { productMaps } from './gradient-input.ts';
import { type Images, tensorOf, valuesOf } from './images.ts';
import type { MapSettings } from './map-options.ts';
import type { Running } from './occlusion.ts';
import { GRADIENT_BATCH, type MapTarget, parts } from './target.ts';

/** Maps with what they leave out. */
export interface IntegratedMaps {
  readonly maps: Tensor<Float32Array>;
  /** Σ of a map − (s(x) − s(baseline)), [N · K]: what the sum over the points misses. */
  readonly gap: Float64Array;
}

type IntegralSettings = Pick<MapSettings, 'steps' | 'mostSteps' | 'tolerance' | 'baseline'>;

/** Parts that are made smaller in one round, at most: their gradients are kept till then. */
const MOST_REFINED = 16;

/**
 * Σ over the channels of (x − x₀) ∫₀¹ ∂s_k/∂x(x(t)) dt, signed: [N, K, H, W]. Midpoint rule on `steps` equal parts; parts with
 * |e_k| > `tolerance` · range of s_k on the way / √`steps` are cut in three, which keeps their midpoint, largest first,
 * until none is left or the gradient was taken at `mostSteps` points. Exact for a linear s.
 *
 * @see Sundararajan et al., Axiomatic attribution for deep networks (ICML 2017).
 */
export async function integratedGradients(
  images: Images,
  target: MapTarget,
  settings: IntegralSettings,
  running: Running,
): Promise<IntegratedMaps> {
  const K = target.count;
  const mean = new Float64Array(images.data.length * K);
  const none = new Float64Array(images.count * K);
  const full = new Float64Array(images.count * K);
  for (let n = 0; n < images.count; n++) {
    const way = new Way({ ...images, data: valuesOf(images, n), count: 1 }, target, settings, running);
    const own = mean.subarray(n * K * images.size, (n + 1) * K * images.size);
    const ends = await way.integrate(own);
    none.set(ends.none, n * K);
    full.set(ends.full, n * K);
  }
  const maps = productMaps(mean, images, settings.baseline, K);
  const area = images.height * images.width;
  const gap = full.map((score, nk) => {
    let total = 0;
    for (let k = nk * area; k < (nk + 1) * area; k++) total += maps.data[k];
    return total - (score - none[nk]);
  });
  return { maps, gap };
}

/** A part [from, to] of the way, with the gradients at its midpoint. */
interface Part {
  readonly from: number;
  readonly to: number;
  /** ∂s_k/∂x, [K, size]. */
  readonly gradients: Float32Array;
  /** ⟨x − x₀, gradient⟩, [K]. */
  readonly slopes: Float64Array;
}

/** The way from the baseline to one image. */
class Way {
  readonly #image: Images;
  readonly #target: MapTarget;
  readonly #settings: IntegralSettings;
  readonly #running: Running;
  /** s_k by t. */
  readonly #scores = new Map<number, Float64Array>();
  #points = 0;

  constructor(image: Images, target: MapTarget, settings: IntegralSettings, running: Running) {
    this.#image = image;
    this.#target = target;
    this.#settings = settings;
    this.#running = running;
  }

  /** Adds the mean gradients to `sum` [K, size]; returns s at both ends. */
  async integrate(sum: Float64Array): Promise<{ none: Float64Array; full: Float64Array }> {
    const { steps, mostSteps } = this.#settings;
    const cuts = Array.from({ length: steps + 1 }, (_, k) => k / steps);
    await this.#score(cuts);
    let open: Part[] = [];
    for (const some of parts(steps, MOST_REFINED)) {
      open.push(...(await this.#evaluate(some.map((k) => [cuts[k], cuts[k + 1]]))));
      open = this.#close(open, MOST_REFINED, sum);
    }
    while (open.length > 0) {
      open = this.#close(open, Math.min(MOST_REFINED, Math.floor((mostSteps - this.#points) / 2)), sum);
      open = await this.#refine(open);
    }
    return { none: this.#scores.get(0)!, full: this.#scores.get(1)! };
  }

  /** Adds the parts that are near enough, and all but the `most` worst; returns these. */
  #close(open: readonly Part[], most: number, sum: Float64Array): Part[] {
    const allowed = this.#allowed();
    const errors = new Map(open.map((part) => [part, this.#errorOf(part, allowed)]));
    const worst = open
      .filter((part) => errors.get(part)! > 1)
      .sort((a, b) => errors.get(b)! - errors.get(a)! || a.from - b.from)
      .slice(0, Math.max(0, most));
    const kept = new Set(worst);
    for (const part of open) {
      if (kept.has(part)) continue;
      for (let c = 0; c < sum.length; c++) sum[c] += (part.to - part.from) * part.gradients[c];
    }
    return worst;
  }

  /** |e_k| that a part may have, [K]; e_k of parts have either sign, so that √steps of them add up. */
  #allowed(): Float64Array {
    const { tolerance, steps } = this.#settings;
    return Float64Array.from({ length: this.#target.count }, (_, k) => {
      const scores = Array.from(this.#scores.values(), (s) => s[k]);
      return (tolerance * (Math.max(...scores) - Math.min(...scores))) / Math.sqrt(steps);
    });
  }

  /** The largest |e_k| over what is allowed; 0 where nothing moves. */
  #errorOf({ from, to, slopes }: Part, allowed: Float64Array): number {
    const [a, b] = [this.#scores.get(from)!, this.#scores.get(to)!];
    return slopes.reduce((most, slope, k) => {
      const missed = Math.abs((to - from) * slope - (b[k] - a[k]));
      return allowed[k] > 0 ? Math.max(most, missed / allowed[k]) : most;
    }, 0);
  }

  /** Every part in three; the middle one keeps the gradients. */
  async #refine(open: readonly Part[]): Promise<Part[]> {
    const thirds = open.map(
      ({ from, to }) => [from, from + (to - from) / 3, to - (to - from) / 3, to] as const,
    );
    await this.#score(thirds.flatMap(([, first, second]) => [first, second]));
    const outer = await this.#evaluate(
      thirds.flatMap(([from, first, second, to]) => [[from, first] as const, [second, to] as const]),
    );
    return open.flatMap((part, k) => {
      const [, from, to] = thirds[k];
      return [outer[2 * k], { ...part, from, to }, outer[2 * k + 1]];
    });
  }

  async #evaluate(spans: readonly (readonly [number, number])[]): Promise<Part[]> {
    const { size } = this.#image;
    const K = this.#target.count;
    const found: Part[] = [];
    for (const some of parts(spans.length, Math.max(1, Math.floor(GRADIENT_BATCH / K)))) {
      this.#running.check();
      const points = some.map((k) => (spans[k][0] + spans[k][1]) / 2);
      const { gradients } = await this.#target.gradients(this.#at(points), 'input');
      some.forEach((k, b) => {
        const own = gradients.data.slice(b * K * size, (b + 1) * K * size);
        found.push({ from: spans[k][0], to: spans[k][1], gradients: own, slopes: this.#slopesOf(own) });
      });
    }
    this.#points += spans.length;
    return found;
  }

  async #score(points: readonly number[]): Promise<void> {
    const K = this.#target.count;
    for (const some of parts(points.length, this.#running.batchSize)) {
      this.#running.check();
      const scores = await this.#target.scores(this.#at(some.map((k) => points[k])));
      some.forEach((k, b) => {
        this.#scores.set(points[k], scores.slice(b * K, (b + 1) * K));
      });
    }
  }

  /** x(t) of some t. */
  #at(points: readonly number[]): Tensor<Float32Array> {
    const { data, size } = this.#image;
    const { baseline } = this.#settings;
    const between = new Float32Array(points.length * size);
    points.forEach((t, n) => {
      for (let c = 0; c < size; c++) between[n * size + c] = baseline + t * (data[c] - baseline);
    });
    return tensorOf(this.#image, between);
  }

  #slopesOf(gradients: Float32Array): Float64Array {
    const { data, size } = this.#image;
    const { baseline } = this.#settings;
    return Float64Array.from({ length: this.#target.count }, (_, k) => {
      let slope = 0;
      for (let c = 0; c < size; c++) slope += (data[c] - baseline) * gradients[k * size + c];
      return slope;
    });
  }
}
