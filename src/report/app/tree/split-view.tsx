import type { Split, SubConcept } from '../../../craft/recursion/split-schema.ts';
import { Crops } from '../concepts/crops.tsx';
import { Effect } from '../concepts/effect.tsx';
import { ImportanceNumber } from '../concepts/importance-number.tsx';
import { fixed, percent } from '../words/numbers.ts';
import { placesText, splitReason, splitTitle } from './split-words.ts';
import { TriedTable } from './tried-table.tsx';

/** How many crops a sub-concept shows. */
const CROPS = 5;

type Level = 3 | 4 | 5 | 6;

interface Props {
  split: Split;
  /** The concept's name for a reader. */
  name: string;
  /** Path of numbers for a reader, `3` or `3.1`. */
  number: string;
  /** Level of the headings of its sub-concepts. */
  level: Level;
}

/** Below a concept: its sub-concepts, or why it has none. Closed if there are none. */
export function SplitView({ split, name, number, level }: Props) {
  const isSplit = split.children.length > 0;
  return (
    <details class="split" open={isSplit}>
      <summary>
        {splitTitle(split)}
        <span class="sr-only">: {name}</span>
      </summary>
      <p class="split-reason">{splitReason(split)}</p>
      {isSplit && (
        <ul class="sub-concepts">
          {split.children.map((child) => (
            <SubConceptView key={child.id} child={child} number={`${number}.${child.id + 1}`} level={level} />
          ))}
        </ul>
      )}
      {split.tried.length > 0 && <TriedTable split={split} name={name} />}
    </details>
  );
}

function SubConceptView({ child, number, level }: { child: SubConcept; number: string; level: Level }) {
  const name = `Sub-concept ${number}`;
  const { importance, share } = child;
  const Heading = `h${level}` as const;
  return (
    <li class="sub-concept">
      <div class="sub-head">
        <Heading>{name}</Heading>
        <ImportanceNumber importance={importance} />
      </div>
      <Crops
        concept={child}
        name={name}
        title={name}
        count={CROPS}
        none="No row is active for this sub-concept."
      />
      <p class="sub-numbers">
        {fixed(share.value)} of the concept’s importance ({fixed(share.lower)} to {fixed(share.upper)});{' '}
        <Effect effect={child.effect} />; strongest on {percent(child.overlap)} of the concept
        <Places places={child.parentBest} />.
      </p>
      {child.split && (
        <SplitView
          split={child.split}
          name={name}
          number={number}
          level={level < 6 ? ((level + 1) as Level) : 6}
        />
      )}
    </li>
  );
}

function Places({ places }: { places: readonly number[] }) {
  const text = placesText(places);
  return (
    <>
      {text === null
        ? ', on none of its crops above'
        : `, and on its ${places.length === 1 ? 'crop' : 'crops'} ${text} above`}
    </>
  );
}
