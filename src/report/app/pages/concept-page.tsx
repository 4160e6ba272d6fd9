import type { ComponentChildren } from 'preact';
import type { AnyConcept } from '../../report-data.ts';
import { CardHead } from '../concepts/card-head.tsx';
import { useRun } from '../report-context.ts';
import { ConceptFound } from '../robustness/concept-found.tsx';
import { conceptLink } from '../route.ts';
import { SplitView } from '../tree/split-view.tsx';
import { isText, rowNoun } from '../words/nouns.ts';
import { conceptSentences } from './concept-sentences.ts';
import { ExampleRows } from './example-rows.tsx';
import type { ExamplesProps } from './examples-props.ts';
import { Histogram } from './histogram.tsx';
import { PageNav } from './page-nav.tsx';
import { SimilarConcepts } from './similar-concepts.tsx';
import { StrongInputs } from './strong-inputs.tsx';

interface Props {
  concept: AnyConcept;
  ranked: readonly AnyConcept[];
  examples(props: ExamplesProps): ComponentChildren;
  /** What only one kind of inputs has. */
  view: ComponentChildren;
  showOnMaps: ((id: number) => void) | null;
}

/** All of one concept. */
export function ConceptPage({ concept, ranked, examples, view, showOnMaps }: Props) {
  const { explanation, details, labels } = useRun();
  const { id } = concept;
  const name = labels.nameOf(concept);
  const at = ranked.findIndex((c) => c.id === id);
  const linkOf = (c: AnyConcept | undefined): string | null => (c ? conceptLink(c.id) : null);
  return (
    <article class="sub-page">
      <PageNav back={linkOf(ranked[at - 1])} on={linkOf(ranked[at + 1])} what="concept" />
      {/* seen as the field below, where it can be changed */}
      <h1 id="page-title" class="sr-only" tabIndex={-1}>
        {name}
      </h1>
      <div class="sub-page-head">
        <CardHead concept={concept} />
        <p>{conceptSentences(concept, explanation, labels.nameOf).join(' ')}</p>
        {showOnMaps && (
          <button type="button" class="link" onClick={() => showOnMaps(id)}>
            Show it on the images
          </button>
        )}
      </div>
      <ExampleRows concept={concept} examples={examples} />
      {view}
      <Histogram concept={concept} />
      <ConceptFound concept={concept} />
      <SimilarConcepts concept={concept} />
      <StrongInputs concept={concept} />
      {concept.split && (
        <section>
          <h2>Parts of it</h2>
          <SplitView split={concept.split} name={name} number={`${id + 1}`} level={3} />
        </section>
      )}
      {details.concepts.length === 0 && (
        <p class="muted">
          This page was made without the matrices of the run, so that it has only the strongest{' '}
          {rowNoun(explanation)}s. Make it again with <code>craft-xai report</code>.
        </p>
      )}
      {isText(explanation) && <DraftTerms concept={concept} />}
    </article>
  );
}

/** The words that a draft name is made from, with how many of the strongest units have each. */
function DraftTerms({ concept }: { concept: AnyConcept }) {
  if (!('draft' in concept) || concept.draft.terms.length === 0) return null;
  return (
    <section>
      <h2>Words that set it apart</h2>
      <ul class="terms-list">
        {concept.draft.terms.map(({ term, rows }) => (
          <li key={term}>
            <strong dir="auto">{term}</strong> <span class="muted">in {rows.length} units</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
