import { useMemo } from 'preact/hooks';
import { Swatch } from '../concepts/swatch.tsx';
import { ScrollRegion } from '../page/scroll-region.tsx';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { fixed } from '../words/numbers.ts';
import { ClusterList } from './cluster-list.tsx';
import { CosineMap } from './cosine-map.tsx';
import { chainOrder, nearest } from './nearest.ts';

/** The concepts by how alike their directions are. */
export function SimilaritySection() {
  const { explanation, details, labels } = useRun();
  const { cosine } = details;
  const order = useMemo(() => (cosine ? chainOrder(cosine) : []), [cosine]);
  if (!cosine || order.length < 2) return null;
  return (
    <section id="similarity" aria-labelledby="similarity-title">
      <h2 id="similarity-title">Which concepts are alike</h2>
      <p class="lead">
        The cosine between the directions of each two concepts in the layer. Like stands beside like; a full
        blue block off the diagonal is one idea in several concepts, and fewer concepts may do.
      </p>
      <CosineMap cosine={cosine} order={order} />
      <ClusterList cosine={cosine} />
      <details class="as-table">
        <summary>The nearest of each as a table</summary>
        <ScrollRegion label="Table of the nearest concepts">
          <table>
            <thead>
              <tr>
                <th scope="col">Concept</th>
                <th scope="col">Nearest</th>
                <th scope="col" class="number">
                  Cosine
                </th>
              </tr>
            </thead>
            <tbody>
              {order.map((id) => {
                const [first] = nearest(cosine, id);
                return (
                  <tr key={id}>
                    <th scope="row">
                      <Swatch id={id} />{' '}
                      <a href={conceptLink(id)} dir="auto">
                        {labels.nameOf(explanation.concepts[id])}
                      </a>
                    </th>
                    <td dir="auto">{labels.nameOf(explanation.concepts[first.id])}</td>
                    <td class="number">{fixed(first.cosine)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollRegion>
      </details>
    </section>
  );
}
