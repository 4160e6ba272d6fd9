import { useReport } from '../report-context.ts';
import { countOf, fixed } from '../words/numbers.ts';
import { ScrollRegion } from './scroll-region.tsx';

/** How many inputs were used and skipped, with all of them in a disclosure. */
export function InputsFact() {
  const { explanation } = useReport();
  const { items, skipped, source } = explanation.inputs;
  const agreed = items.filter((item) => item.predicted.id === explanation.class.id).length;
  return (
    <div class="fact">
      <dt>Inputs</dt>
      <dd class="fact-value">
        {countOf(items.length, 'image')} used
        {skipped.length > 0 && <span class="fact-second">{skipped.length} skipped</span>}
      </dd>
      <dd class="fact-note">
        from {source}; the model says this class for {agreed} of them
      </dd>
      <dd class="fact-note">
        <details>
          <summary>List of inputs</summary>
          <ScrollRegion label="List of inputs">
            {skipped.length > 0 && <SkippedTable />}
            <table>
              <caption>Used</caption>
              <thead>
                <tr>
                  <th scope="col">Image</th>
                  <th scope="col" class="number">
                    Score
                  </th>
                  <th scope="col">Model says</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <tr key={item.name}>
                    <td>{item.name}</td>
                    <td class="number">{fixed(item.logit)}</td>
                    <td>{item.predicted.label}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </details>
      </dd>
    </div>
  );
}

function SkippedTable() {
  const { skipped } = useReport().explanation.inputs;
  return (
    <table>
      <caption>Skipped</caption>
      <thead>
        <tr>
          <th scope="col">Image</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {skipped.map(({ name, reason }) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
