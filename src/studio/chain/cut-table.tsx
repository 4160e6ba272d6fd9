import type { LayerInfo } from '../../onnx/layer.ts';
import { layerName, shapeText } from './layout.ts';

/** The same cuts as a table. */
export function CutTable(props: {
  layers: readonly LayerInfo[];
  suggested: string | null;
  layer: string | null;
}) {
  const { layers, suggested, layer } = props;
  return (
    <details>
      <summary>The {layers.length} valid cuts as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard must get there */}
      <section class="table-scroll" tabIndex={0} aria-label="Table of the valid cuts">
        <table>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Op</th>
              <th scope="col">Shape</th>
              <th scope="col">Never negative</th>
              <th scope="col">Head after it</th>
            </tr>
          </thead>
          <tbody>
            {layers.map((info) => (
              <tr key={info.tensor} class={info.tensor === layer ? 'is-chosen' : ''}>
                <th scope="row">
                  {layerName(info)}
                  {info.tensor === suggested && ' (suggested)'}
                  {info.tensor === layer && ' (chosen)'}
                </th>
                <td>{info.op}</td>
                <td>{shapeText(info)}</td>
                <td>{info.nonNegative ? 'yes' : 'not known'}</td>
                <td>{headOf(info)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

export function headOf({ pooledAfter, linearHead }: LayerInfo): string {
  return (
    [pooledAfter ? 'mean over places' : '', linearHead ? 'affine' : ''].filter(Boolean).join(', ') ||
    'general'
  );
}
