import { useMemo, useState } from 'preact/hooks';
import type { ReportData } from '../report-data.ts';
import { ConceptsSection } from './concepts/concepts-section.tsx';
import { Lightbox } from './concepts/lightbox.tsx';
import { EvaluationSection } from './evaluation/evaluation-section.tsx';
import { ImportanceSection } from './importance/importance-section.tsx';
import { useLabels } from './labels.ts';
import { openChoices } from './maps/map-choices.ts';
import { MapsSection } from './maps/maps-section.tsx';
import { Facts } from './page/facts.tsx';
import { Footer } from './page/footer.tsx';
import { MethodSection } from './page/method-section.tsx';
import { TakeAway } from './page/take-away.tsx';
import { TopBar } from './page/top-bar.tsx';
import { VerdictHeader } from './page/verdict-header.tsx';
import { Warnings } from './page/warnings.tsx';
import { type Report, ReportContext, type View } from './report-context.ts';
import { byImportance } from './words/verdict.ts';

/** The page. The concept selected in the chart is the one shown on the maps first. */
export function App({ data }: { data: ReportData }) {
  const { explanation } = data;
  const ranked = useMemo(() => byImportance(explanation.concepts), [explanation]);
  const choices = useMemo(() => openChoices(data), [data]);
  const [method, setMethod] = useState(choices[0]?.method ?? '');
  const maps = choices.find((choice) => choice.method === method)?.maps ?? null;
  const labels = useLabels(explanation);
  const [view, open] = useState<View | null>(null);
  const [selected, select] = useState(ranked[0]?.id ?? 0);
  const [shown, show] = useState<number[]>(() => ranked.slice(0, 3).map((c) => c.id));
  const showOnMaps = (id: number): void => {
    show([id]);
    const title = document.getElementById('maps-title');
    title?.focus({ preventScroll: true }); // the keyboard goes on from there
    title?.scrollIntoView();
  };
  const report: Report = { explanation, maps, labels, open };

  return (
    <ReportContext.Provider value={report}>
      <a class="skip" href="#importance">
        Skip to the concepts
      </a>
      <TopBar hasMaps={maps !== null} hasEvaluation={Boolean(data.evaluation)} />
      <main class="page">
        <VerdictHeader />
        <Warnings />
        <Facts />
        <ImportanceSection ranked={ranked} selected={selected} select={select} />
        <ConceptsSection ranked={ranked} showOnMaps={maps && showOnMaps} />
        <MapsSection
          ranked={ranked}
          shown={shown}
          show={show}
          methods={choices.map((choice) => choice.method)}
          method={method}
          setMethod={setMethod}
        />
        {data.evaluation && <EvaluationSection evaluation={data.evaluation} />}
        <MethodSection />
        <TakeAway />
      </main>
      <Footer />
      <Lightbox view={view} open={open} close={() => open(null)} />
    </ReportContext.Provider>
  );
}
