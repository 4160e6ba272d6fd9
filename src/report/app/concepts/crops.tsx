import { useMemo } from 'preact/hooks';
import type { PlainConcept } from '../../../craft/concept-schema.ts';
import { Crop } from './crop.tsx';

interface Props {
  concept: PlainConcept;
  /** Name of the concept for a reader. */
  name: string;
  /** In place of the concept's name above a crop in its image. */
  title?: string;
  /** Largest coefficient of the concept, if its first crop has not that. */
  largest?: number;
  /** How many of the concept's best crops; default: all. */
  count?: number;
  class?: string;
  /** What is said where there is none. */
  none?: string;
}

/** A concept's best crops. They are made again only when what they show changes: a page has hundreds. */
export function Crops({ concept, name, title, largest, count, class: more = '', none }: Props) {
  const { bestRows } = concept;
  return useMemo(
    () => (
      <div class={`crops ${more}`}>
        {bestRows.slice(0, count).map((row, index) => (
          <Crop key={row.row} concept={concept} index={index} name={name} title={title} largest={largest} />
        ))}
        {bestRows.length === 0 && none && <p class="empty">{none}</p>}
      </div>
    ),
    [concept, name, title, largest, count, more, none],
  );
}
