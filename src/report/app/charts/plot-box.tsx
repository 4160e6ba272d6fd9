import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** A drawing of a width in pixels; drawn again when the function changes, so keep it. */
  draw(width: number): SVGSVGElement | HTMLElement;
  /** Of the drawing, in pixels: the room is there before it is drawn. */
  height: number;
  /** What it shows, for a screen reader; a table beside it has the numbers. */
  label: string;
  class?: string;
}

/** A drawing as wide as the place that it stands in. */
export function PlotBox({ draw, height, label, class: more = '' }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width > 0) box.current!.replaceChildren(draw(width));
  }, [draw, width]);
  return (
    <div class={`plot-box ${more}`} role="img" aria-label={label}>
      {/* the drawing names its groups for nobody */}
      <div ref={box} style={{ minHeight: `${height}px` }} aria-hidden="true" />
    </div>
  );
}
