import { useEffect, useRef } from 'preact/hooks';
import { Swatch } from '../concepts/swatch.tsx';
import type { Matrix } from '../details.ts';
import { useRun } from '../report-context.ts';
import { fixed } from '../words/numbers.ts';
import { nearest } from './nearest.ts';

/** With more concepts their numbers do not fit beside the cells. */
const MOST_NUMBERED = 30;
/** Blue for alike, orange for opposite. */
const ALIKE = [0, 114, 178];
const OPPOSITE = [213, 94, 0];

/** The matrix of cosines, one cell for two concepts. */
export function CosineMap({ cosine, order }: { cosine: Matrix; order: readonly number[] }) {
  const { explanation, labels } = useRun();
  const canvas = useRef<HTMLCanvasElement>(null);
  const r = order.length;
  useEffect(() => {
    const image = new ImageData(r, r);
    order.forEach((i, y) => {
      order.forEach((j, x) => {
        const value = cosine.at(i, j);
        image.data.set(
          [...(value < 0 ? OPPOSITE : ALIKE), 255 * Math.min(1, Math.abs(value))],
          4 * (y * r + x),
        );
      });
    });
    canvas.current!.getContext('2d')!.putImageData(image, 0, 0);
  }, [cosine, order, r]);
  const [a, b, value] = mostAlike(cosine);
  const nameOf = (id: number): string => labels.nameOf(explanation.concepts[id]);
  const numbers = r <= MOST_NUMBERED && order.map((id) => <Swatch key={id} id={id} />);
  return (
    <figure class="cosine-map">
      <div class="cosine-grid" style={{ '--r': r }}>
        <span class="cosine-across">{numbers}</span>
        <span class="cosine-down">{numbers}</span>
        <canvas
          ref={canvas}
          width={r}
          height={r}
          role="img"
          aria-label={`Cosines of ${r} concepts; the table has the nearest of each`}
        />
      </div>
      <figcaption>
        <span class="cosine-ramp" aria-hidden="true" />
        <span class="cosine-ends">
          <span>−1 opposite</span>
          <span>0</span>
          <span>1 the same</span>
        </span>
        <p>
          Most alike: <span dir="auto">{nameOf(a)}</span> and <span dir="auto">{nameOf(b)}</span>,{' '}
          {fixed(value)}.
        </p>
      </figcaption>
    </figure>
  );
}

function mostAlike(cosine: Matrix): [number, number, number] {
  let best: [number, number, number] = [0, 1, -2];
  for (let id = 0; id < cosine.dims[0]; id++) {
    const [first] = nearest(cosine, id);
    if (first.cosine > best[2]) best = [id, first.id, first.cosine];
  }
  return best;
}
