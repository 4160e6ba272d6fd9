import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelInspection } from '../../onnx/inspect.ts';
import { CutTable } from './cut-table.tsx';
import {
  COLUMN,
  channelsOf,
  layerName,
  MIDDLE,
  type Slab,
  shapeText,
  shownLayers,
  slabsOf,
} from './layout.ts';

const HEIGHT = 184;

/** The valid cuts from input to scores as a row of radio buttons that is drawn: arrow keys choose. */
export function Chain(props: {
  inspection: ModelInspection;
  layer: string | null;
  choose: (tensor: string) => void;
}) {
  const { inspection, layer, choose } = props;
  const { layers, suggested } = inspection;
  const input = inspection.readsText ? 'text' : 'image';
  const [all, setAll] = useState(false);
  const shown = shownLayers(layers, [layer, suggested], all);
  const slabs = slabsOf(shown);
  const drawing = useRef<SVGSVGElement>(null);
  const width = COLUMN * (slabs.length + 3);
  const selected = slabs.findIndex((slab) => slab.layer.tensor === layer);

  // what is chosen is in sight, where the picture is wider than the page
  useEffect(() => {
    const scroll = drawing.current?.parentElement;
    if (scroll && selected >= 0) scroll.scrollLeft = slabs[selected].centre - scroll.clientWidth / 2;
  }, [selected, slabs.length]);

  const go = (to: number): void => {
    const at = Math.min(slabs.length - 1, Math.max(0, to));
    choose(slabs[at].layer.tensor);
    drawing.current?.querySelectorAll<SVGGElement>('[role=radio]')[at]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) go(Math.max(selected, 0) + step);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(slabs.length - 1);
    else return;
    event.preventDefault();
  };

  return (
    <div class="chain">
      <div
        class="chain-scroll"
        role="radiogroup"
        aria-label="Layer where the model is cut"
        onKeyDown={onKeyDown}
      >
        <svg ref={drawing} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
          <title>From {input} to scores</title>
          <line class="chain-line" x1={COLUMN / 2} x2={width - COLUMN} y1={MIDDLE} y2={MIDDLE} />
          <End x={COLUMN / 2} text={input} />
          {slabs.map((slab, k) => (
            <Cut
              key={slab.layer.tensor}
              slab={slab}
              isSelected={k === selected}
              isSuggested={slab.layer.tensor === suggested}
              isReached={k === Math.max(selected, 0)}
              choose={() => go(k)}
            />
          ))}
          <End x={width - COLUMN} text={`${inspection.classes ?? ''} scores`} />
        </svg>
      </div>
      {shown.length < layers.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          Draw all {layers.length} cuts
        </button>
      )}
      <CutTable layers={layers} suggested={suggested} layer={layer} />
    </div>
  );
}

function Cut(props: {
  slab: Slab;
  isSelected: boolean;
  isSuggested: boolean;
  isReached: boolean;
  choose: () => void;
}) {
  const { slab, isSelected, isSuggested, isReached, choose } = props;
  const { layer, x, y, width, height, centre } = slab;
  const name = `${layerName(layer)}, ${layer.op}, ${shapeText(layer)}${isSuggested ? ', suggested' : ''}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <input> cannot stand in a drawing
    <g
      class="cut"
      role="radio"
      aria-checked={isSelected}
      aria-label={name}
      tabindex={isReached ? 0 : -1} // in SVG names keep their case
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== ' ' && event.key !== 'Enter') return;
        event.preventDefault();
        choose();
      }}
    >
      <title>{name}</title>
      <rect
        class="cut-ground"
        x={centre - COLUMN / 2 + 2}
        y={2}
        width={COLUMN - 4}
        height={HEIGHT - 4}
        rx={8}
      />
      {isSuggested && (
        <text class="cut-note" x={centre} y={20}>
          suggested
        </text>
      )}
      <rect class="cut-slab" x={x} y={y} width={width} height={height} rx={3} />
      <text class="cut-text" x={centre} y={162}>
        {channelsOf(layer)}
      </text>
      <text class="cut-text" x={centre} y={177}>
        {layer.grid ? layer.grid.join(' × ') : 'vector'}
      </text>
    </g>
  );
}

function End({ x, text }: { x: number; text: string }) {
  return (
    <g>
      <circle class="chain-end" cx={x} cy={MIDDLE} r={5} />
      <text class="cut-text" x={x} y={MIDDLE + 26}>
        {text}
      </text>
    </g>
  );
}
