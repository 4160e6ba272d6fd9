import { Swatch } from '../concepts/swatch.tsx';
import type { Matrix } from '../details.ts';
import { useRun } from '../report-context.ts';
import { conceptLink } from '../route.ts';
import { fixed } from '../words/numbers.ts';
import { clusters } from './nearest.ts';

/** From this cosine on, concepts are listed together. */
const ALIKE = 0.7;

/** Groups of concepts that may be one idea. */
export function ClusterList({ cosine }: { cosine: Matrix }) {
  const { explanation, labels } = useRun();
  const groups = clusters(cosine, ALIKE);
  if (groups.length === 0) {
    return (
      <p class="muted">
        No two of them have a cosine of {fixed(ALIKE, 1)} or more: each is an idea of its own.
      </p>
    );
  }
  return (
    <>
      <h3>Groups of a cosine of {fixed(ALIKE, 1)} and more</h3>
      <ul class="clusters">
        {groups.map((group) => (
          <li key={group[0]}>
            {group.map((id) => (
              <span key={id}>
                <Swatch id={id} />{' '}
                <a href={conceptLink(id)} dir="auto">
                  {labels.nameOf(explanation.concepts[id])}
                </a>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}
