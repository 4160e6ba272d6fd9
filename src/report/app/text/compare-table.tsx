import type { GroupComparison } from '../../../craft/text/text-explanation.ts';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { useTexts } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { fixed, significant } from '../words/numbers.ts';
import { groupName, moreIn, READINGS } from './compare-words.ts';

/** The chart as a table. */
export function CompareTable({ compare }: { compare: GroupComparison }) {
  const { explanation, labels } = useTexts();
  return (
    <details class="as-table">
      <summary>The comparison as a table</summary>
      <ScrollRegion label="Table of the comparison">
        <table>
          <thead>
            <tr>
              <th scope="col">Concept</th>
              <th scope="col">More in</th>
              <th scope="col" class="number">
                Δ
              </th>
              {compare.groups.map(({ label }, k) => (
                <th key={label} scope="col" class="number">
                  Importance, {groupName(compare, k)}
                </th>
              ))}
              <th scope="col">Reading</th>
            </tr>
          </thead>
          <tbody>
            {compare.concepts.map((concept) => (
              <tr key={concept.id}>
                <th scope="row">
                  <a href={conceptLink(concept.id)} dir="auto">
                    {labels.nameOf(explanation.concepts[concept.id])}
                  </a>
                </th>
                <td>{groupName(compare, moreIn(concept))}</td>
                <td class="number">
                  {significant(concept.delta.value)}{' '}
                  <span class="muted">
                    {significant(concept.delta.lower)} … {significant(concept.delta.upper)}
                  </span>
                </td>
                {concept.importance.map(({ value, lower, upper }, k) => (
                  <td key={compare.groups[k].label} class="number">
                    {fixed(value)}{' '}
                    <span class="muted">
                      {fixed(lower)} … {fixed(upper)}
                    </span>
                  </td>
                ))}
                <td>{READINGS[concept.reading].name}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
