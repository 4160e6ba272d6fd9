import type { Explanation } from '../../../craft/explanation.ts';
import type { Explained } from '../../report-data.ts';
import { useRun } from '../report-context.ts';
import { commandOf, textCommandOf } from '../words/command.ts';
import { isText } from '../words/nouns.ts';
import { dimsText, fixed, percent, signed, significant } from '../words/numbers.ts';

/** The command, and every setting, version and time of the run. */
export function Reproduce() {
  const { explanation } = useRun();
  const { settings, versions, timings } = explanation;
  return (
    <details class="reproduce">
      <summary>Reproduce this</summary>
      <p>The same files, command and versions give the same numbers.</p>
      <pre>
        <code>{isText(explanation) ? textCommandOf(explanation) : commandOf(explanation)}</code>
      </pre>
      <div class="tables">
        <Table name="Settings" rows={Object.entries(settings).map(([k, v]) => [k, String(v ?? 'none')])} />
        <Table name="Model and run" rows={runRows(explanation)} />
        {isText(explanation) || <Table name="Preprocessing" rows={preprocessRows(explanation)} />}
        <Table name="Versions" rows={Object.entries(versions)} />
        <Table
          name="Time"
          rows={Object.entries(timings).map(([k, v]) => [k, `${fixed(v, v < 10 ? 2 : 0)} s`])}
        />
      </div>
    </details>
  );
}

function runRows({ model, layer, factorization, completeness }: Explained): [string, string][] {
  return [
    ['sha256', model.sha256],
    ['input', `${model.input.name} [${dimsText(model.input.dims)}]`],
    ['output', `${model.output.name} [${dimsText(model.output.dims)}]`],
    ['layer tensor', layer.tensor],
    ['layout', layer.layout],
    ['activations', layer.nonNegative ? 'never below 0 in this run' : 'of both signs'],
    ['head', layer.head === 'affine' ? 'affine in the layer' : 'general'],
    [
      'factorisation',
      `${factorization.iterations} iterations, ${factorization.converged ? 'converged' : 'not converged'}`,
    ],
    ['loss ½‖A − UW‖²', significant(factorization.loss)],
    [
      'correlation of the scores',
      completeness.correlation === null ? 'undefined' : fixed(completeness.correlation, 3),
    ],
    ['mean difference of the scores', signed(completeness.bias)],
    ['error of rows', percent(factorization.relativeError)],
    ['error of whole inputs', percent(completeness.relativeError)],
  ];
}

function preprocessRows({ preprocess: p }: Explanation): [string, string][] {
  const resize =
    p.resizeMode === 'stretch' ? 'stretched' : `shorter side to ${p.shortestEdge}, then centre crop`;
  return [
    ['size', `${p.width} × ${p.height}, ${p.channels} channels ${p.channelOrder}`],
    ['resize', `${resize}, ${p.interpolation}`],
    ['values', `(pixel · ${significant(p.rescale)} − mean) / std`],
    ['mean', p.mean.map((v) => fixed(v, 3)).join(', ')],
    ['std', p.std.map((v) => fixed(v, 3)).join(', ')],
    ['from', { file: 'a file beside the model', caller: 'the caller', guess: 'a guess' }[p.origin]],
  ];
}

function Table({ name, rows }: { name: string; rows: [string, string][] }) {
  if (rows.length === 0) return null;
  return (
    <table>
      <caption>{name}</caption>
      <tbody>
        {rows.map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
