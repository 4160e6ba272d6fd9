import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { AnyConcept } from '../../report-data.ts';
import { namesSection, placeOf } from '../address.ts';
import { Facts } from '../page/facts.tsx';
import { Footer } from '../page/footer.tsx';
import { MethodSection } from '../page/method-section.tsx';
import { TakeAway } from '../page/take-away.tsx';
import { TopBar } from '../page/top-bar.tsx';
import { VerdictHeader } from '../page/verdict-header.tsx';
import { Warnings } from '../page/warnings.tsx';
import { useRun } from '../report-context.ts';
import { type Route, useRoute } from '../route.ts';
import { ConceptPage } from './concept-page.tsx';
import type { ExamplesProps } from './examples-props.ts';
import { goToSection } from './go-to-section.ts';
import { InputPage } from './input-page.tsx';
import { OneByOne } from './one-by-one.tsx';

interface Props {
  ranked: readonly AnyConcept[];
  /** Sections that only some reports have: word, id, whether this one has it. */
  links: readonly (readonly [string, string, boolean])[];
  /** How rows of U are shown. */
  examples(props: ExamplesProps): ComponentChildren;
  /** What only one kind of inputs has on the page of a concept. */
  conceptView(id: number): ComponentChildren;
  /** How an input is shown. */
  inputView(input: number): ComponentChildren;
  /** Shows a concept alone on the maps; null without maps. */
  showOnMaps: ((id: number) => void) | null;
  /** Called when another page is opened. */
  onLeave(): void;
  /** Sections of the report between the facts and the method. */
  children: ComponentChildren;
}

/** The page around the sections: the report, or the page of a concept or input that the address names. */
export function Shell({
  ranked,
  links,
  examples,
  conceptView,
  inputView,
  showOnMaps,
  onLeave,
  children,
}: Props) {
  const { explanation } = useRun();
  const route = useRoute(explanation.concepts.length, explanation.inputs.items.length);
  usePageChange(route, onLeave);
  useNamedSection();
  return (
    <>
      <a class="skip" href={route.page === 'report' ? '#importance' : '#page-title'}>
        Skip to the content
      </a>
      <TopBar links={links.filter(([, , has]) => has)} />
      <main class="page">
        {route.page === 'concept' && (
          <ConceptPage
            key={route.id}
            concept={explanation.concepts[route.id]}
            ranked={ranked}
            examples={examples}
            view={conceptView(route.id)}
            showOnMaps={showOnMaps}
          />
        )}
        {route.page === 'input' && (
          <InputPage key={route.input} input={route.input} ranked={ranked} view={inputView(route.input)} />
        )}
        {/* kept while another page is open: what the reader has set there stays */}
        <div id="report" hidden={route.page !== 'report'}>
          <VerdictHeader />
          <Warnings />
          <Facts />
          <OneByOne>
            {children}
            <MethodSection />
            <TakeAway />
          </OneByOne>
        </div>
      </main>
      <Footer />
    </>
  );
}

/** The top of a new page, and the focus on its title; back on the report, where the reader had been. */
function usePageChange(route: Route, onLeave: () => void): void {
  const key = JSON.stringify(route);
  const last = useRef({ key: JSON.stringify({ page: 'report' }), scroll: 0 });
  useEffect(() => {
    const follow = (): void => {
      if (!/^(concept|input)-/.test(placeOf(location.hash))) last.current.scroll = scrollY;
    };
    addEventListener('scroll', follow, { passive: true });
    return () => removeEventListener('scroll', follow);
  }, []);
  useEffect(() => {
    if (last.current.key === key) return;
    last.current.key = key;
    onLeave();
    if (route.page === 'report') {
      // #report: back to where the reader had been
      if (namesSection(location.hash)) goToSection(placeOf(location.hash));
      else scrollTo({ top: last.current.scroll, behavior: 'instant' });
      return;
    }
    scrollTo({ top: 0, behavior: 'instant' });
    document.getElementById('page-title')?.focus({ preventScroll: true });
  });
}

/** A link to a section that also holds names is one that the browser cannot follow by itself. */
function useNamedSection(): void {
  useEffect(() => {
    const follow = (): void => {
      if (location.hash.includes('&') && namesSection(location.hash)) goToSection(placeOf(location.hash));
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
}
