import type { SignsReport } from '../../../craft/text/text-explanation.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { useTexts } from '../report-context.ts';
import { fixed, percent } from '../words/numbers.ts';

const names: Record<SignsReport['way'], string> = {
  nmf: 'NMF',
  'semi-nmf': 'Semi-NMF',
  split: 'NMF of the split [a⁺, a⁻]',
  relu: 'NMF at the ReLU of the head',
};

/** What each way of treating signs keeps of the model's answers; the first is the one used. */
export function SignsSection() {
  const { signs, inputs } = useTexts().explanation;
  const hasLabels = signs.some(({ accuracy }) => accuracy !== null);
  return (
    <section id="signs" aria-labelledby="signs-title">
      <h2 id="signs-title">How much the concepts keep</h2>
      <p class="lead">
        The class that the model names from the concepts alone, for each way of treating values below 0. The
        first row is the way used here.
        {inputs.accuracy !== null &&
          ` The model itself is right on ${percent(inputs.accuracy)} of these texts.`}
      </p>
      <ScrollRegion label="Table of ways of treating signs">
        <table>
          <thead>
            <tr>
              <th scope="col">Way</th>
              <th scope="col">Layer</th>
              <th scope="col" class="number">
                Same class
              </th>
              <th scope="col" class="number">
                R²
              </th>
              <th scope="col" class="number">
                Error of texts
              </th>
              {hasLabels && (
                <th scope="col" class="number">
                  Right
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {signs.map(({ way, layer, top1Agreement, r2, relativeError, accuracy }) => (
              <tr key={way}>
                <th scope="row">{names[way]}</th>
                <td>{layer}</td>
                <td class="number">{percent(top1Agreement)}</td>
                <td class="number">{fixed(r2 ?? Number.NaN)}</td>
                <td class="number">{percent(relativeError)}</td>
                {hasLabels && <td class="number">{percent(accuracy ?? Number.NaN)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}
