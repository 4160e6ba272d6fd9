import type { ModelInspection } from '../onnx/inspect.ts';
import { Chain } from './chain/chain.tsx';
import { headOf } from './chain/cut-table.tsx';
import { layerName, shapeText } from './chain/layout.ts';
import { Failure } from './failure.tsx';
import type { InspectionState } from './use-inspection.ts';

/** The model, and where it is cut. */
export function CutSection(props: {
  state: InspectionState;
  layer: string | null;
  choose: (tensor: string) => void;
}) {
  const { state, layer, choose } = props;
  const { found, isBusy, fault } = state;
  return (
    <section aria-labelledby="cut-title" aria-busy={isBusy}>
      <h2 id="cut-title">
        <span class="step">2</span> Where the model is cut
      </h2>
      <p class="lead">
        Concepts are found in what the model holds at one layer. Every layer below is a valid cut: all that
        the model knows of its input goes through it.
      </p>
      <div class={found ? '' : 'cut-wait'}>
        <Failure fault={fault} />
        {!found && !fault && (
          <p role="status">{isBusy ? 'Reading the model …' : 'Drop a model to see where it can be cut.'}</p>
        )}
      </div>
      {found && (
        <div class="cut-found">
          <p>
            {found.format === 'tflite' ? 'TFLite' : `ONNX, opset ${found.inspection.opset}`},{' '}
            {sizeOf(found.bytes)}, {found.inspection.classes ?? 'an unknown number of'} classes;{' '}
            {found.preprocess
              ? `images of ${found.preprocess.width} × ${found.preprocess.height} pixels`
              : 'texts, and so the layers are vectors, one for each text'}
            .
          </p>
          <Chain inspection={found.inspection} layer={layer} choose={choose} />
          <Chosen inspection={found.inspection} layer={layer} />
        </div>
      )}
    </section>
  );
}

function Chosen({ inspection, layer }: { inspection: ModelInspection; layer: string | null }) {
  const info = inspection.layers.find(({ tensor }) => tensor === layer);
  if (!info) return <p class="muted">No layer to suggest: choose one.</p>;
  return (
    <p aria-live="polite">
      Cut at <strong>{layerName(info)}</strong> ({info.op}, {shapeText(info)}):{' '}
      {info.nonNegative ? 'never negative' : 'may be negative'}; the head after it: {headOf(info)}.
      {layer === inspection.suggested && <> Suggested: {inspection.suggestedWhy}.</>}
    </p>
  );
}

function sizeOf(bytes: number): string {
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
