import type { Concept } from '../../../craft/explanation.ts';
import { useReport } from '../report-context.ts';
import { SplitView } from '../tree/split-view.tsx';
import { CardHead } from './card-head.tsx';
import { CardNumbers } from './card-numbers.tsx';
import { Crops } from './crops.tsx';

/** How many crops a card shows. */
const CROPS = 10;

interface Props {
  concept: Concept;
  /** Shows this concept alone on the maps; null without maps. */
  showOnMaps: ((id: number) => void) | null;
}

export function ConceptCard({ concept, showOnMaps }: Props) {
  const { labels } = useReport();
  const { id } = concept;
  const name = labels.nameOf(concept);
  return (
    <li class="card" id={`card-${id + 1}`}>
      <h3 class="sr-only">{name}</h3>
      <CardHead concept={concept} />
      <Crops concept={concept} name={name} count={CROPS} none="No row is active for this concept." />
      <CardNumbers concept={concept}>
        {showOnMaps && (
          <dd>
            <button type="button" class="link" onClick={() => showOnMaps(id)}>
              Show on images<span class="sr-only">: {name}</span>
            </button>
          </dd>
        )}
      </CardNumbers>
      {concept.split && <SplitView split={concept.split} name={name} number={`${id + 1}`} level={4} />}
    </li>
  );
}
