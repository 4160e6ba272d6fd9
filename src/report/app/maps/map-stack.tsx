import { useEffect, useRef } from 'preact/hooks';
import { Picture } from '../concepts/picture.tsx';
import { channels, colourOf } from '../palette.ts';
import { type MapLook, useReport } from '../report-context.ts';
import type { ConceptMaps } from './concept-maps.ts';
import { drawInSight } from './draw-queue.ts';
import { paint } from './paint.ts';

interface Props {
  /** Default: those of the method that the reader chose. */
  maps?: ConceptMaps;
  example: number;
  look: MapLook;
  /** Least width of the drawing in pixels. */
  detail: number;
  alt: string;
}

/** An example image with the maps of the concepts shown over it. */
export function MapStack({ maps: given, example, look, detail, alt }: Props) {
  const { maps: opened, explanation } = useReport();
  const maps = given ?? opened!;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { shown, smooth, opacity, cells } = look;
  const scale = Math.ceil(detail / Math.max(maps.w, maps.h));
  const key = shown.join();
  useEffect(() => {
    const element = canvas.current;
    if (!element) return; // another page was opened before this ran
    const draw = (): void => {
      const layers = shown.map((id) => ({
        values: maps.of(example, id),
        colour: channels(colourOf(id)),
        strong: maps.strong[id],
      }));
      const pixels = paint(layers, maps.h, maps.w, scale, smooth);
      const image = new ImageData(pixels, maps.w * scale, maps.h * scale);
      element.getContext('2d')!.putImageData(image, 0, 0);
    };
    return drawInSight(element, draw);
  }, [maps, example, key, smooth, scale]);

  const { width, height } = explanation.preprocess;
  return (
    <span
      class="frame"
      style={{
        aspectRatio: `${width} / ${height}`,
        '--ratio': width / height,
        '--tint': shown.length > 0 ? opacity / 100 : 0,
      }}
    >
      <Picture input={maps.inputs[example]} alt={alt} />
      <span aria-hidden="true">
        <canvas
          ref={canvas}
          width={maps.w * scale}
          height={maps.h * scale}
          style={{ opacity: opacity / 100 }}
        />
        {cells && <span class="cells" style={{ backgroundSize: `${100 / maps.w}% ${100 / maps.h}%` }} />}
      </span>
    </span>
  );
}
