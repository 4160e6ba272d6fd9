import { describe, expect, it } from 'vitest';
import { random } from '../../tensor/random.ts';
import { headLogits, trainHead } from './train-head.ts';

/** Points around a circle: inside and outside cannot be told apart by a line. */
function rings(n: number): { x: { data: Float32Array; dims: number[] }; labels: Uint8Array } {
  const rng = random(2);
  const data = Float32Array.from({ length: 2 * n }, () => 2 * rng.uniform() - 1);
  const labels = Uint8Array.from({ length: n }, (_, i) =>
    Number(Math.hypot(data[2 * i], data[2 * i + 1]) > 0.7),
  );
  return { x: { data, dims: [n, 2] }, labels };
}
const options = {
  hidden: 16,
  classes: 2,
  epochs: 60,
  batchSize: 16,
  learningRate: 2e-2,
  weightDecay: 1e-3,
  seed: 4,
};

describe('trainHead', () => {
  it('learns what no line separates', () => {
    const { x, labels } = rings(400);
    const { data } = headLogits(trainHead(x, labels, options), x);
    const right = labels.filter((label, i) => (data[2 * i + 1] > data[2 * i] ? 1 : 0) === label).length;
    // measured 0.99; a line is right on 0.6
    expect(right / 400).toBeGreaterThan(0.95);
  });

  it('gives the same bits for the same seed, others for another', () => {
    const { x, labels } = rings(50);
    const short = { ...options, epochs: 2 };
    expect(trainHead(x, labels, short)).toEqual(trainHead(x, labels, short));
    expect(trainHead(x, labels, { ...short, seed: 5 })).not.toEqual(trainHead(x, labels, short));
  });

  it('moves by the gradient of the loss: one step of one parameter against a central difference', () => {
    const { x, labels } = rings(8);
    const loss = (b: number): number => {
      const head = trainHead(x, labels, { ...options, epochs: 0 });
      head.bias2.data[0] += b;
      const { data } = headLogits(head, x);
      const counts = [0, 1].map((c) => labels.filter((l) => l === c).length);
      return labels.reduce((sum, label, i) => {
        const [a, b] = [data[2 * i], data[2 * i + 1]];
        return sum + (8 / (2 * counts[label]) / 8) * (Math.log(Math.exp(a) + Math.exp(b)) - (label ? b : a));
      }, 0);
    };
    const slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
    const before = trainHead(x, labels, { ...options, epochs: 0 }).bias2.data[0];
    const after = trainHead(x, labels, { ...options, epochs: 1, batchSize: 8 }).bias2.data[0];
    // Adam's first step is the learning rate against the sign of the gradient
    expect(after - before).toBeCloseTo(-Math.sign(slope) * options.learningRate, 6); // ε of Adam, float32
  });
});
