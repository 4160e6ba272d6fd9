import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { ImageReportData } from '../report-data.ts';
import { ConceptsSection } from './concepts/concepts-section.tsx';
import { Crops } from './concepts/crops.tsx';
import { Lightbox } from './concepts/lightbox.tsx';
import { openDetails } from './details.ts';
import { EvaluationSection } from './evaluation/evaluation-section.tsx';
import { ImportanceSection } from './importance/importance-section.tsx';
import { useLabels } from './labels.ts';
import { openChoices } from './maps/map-choices.ts';
import { MapsSection, type ShowOnMaps } from './maps/maps-section.tsx';
import { MethodMaps } from './maps/method-maps.tsx';
import { CropExamples } from './pages/crop-examples.tsx';
import { goToSection } from './pages/go-to-section.ts';
import { ImageView } from './pages/image-view.tsx';
import { Shell } from './pages/shell.tsx';
import { InputGroups } from './relations/input-groups.tsx';
import { SimilaritySection } from './relations/similarity-section.tsx';
import { type Page, PageContext, type Report, ReportContext, type View } from './report-context.ts';
import { robustnessOf } from './robustness/found-again.ts';
import { RobustnessSection } from './robustness/robustness-section.tsx';
import { byImportance } from './words/verdict.ts';

/** Crops beside the chart. */
const PEEKED = 4;

/** The page of a run on images. */
export function App({ data }: { data: ImageReportData }) {
  const { explanation } = data;
  const ranked = useMemo(() => byImportance(explanation.concepts), [explanation]);
  const choices = useMemo(() => openChoices(data), [data]);
  const details = useMemo(() => openDetails(data.details), [data]);
  const [method, setMethod] = useState(choices[0]?.method ?? '');
  const maps = choices.find((choice) => choice.method === method)?.maps ?? null;
  const labels = useLabels(explanation);
  const [view, open] = useState<View | null>(null);
  const onMaps = useRef<ShowOnMaps | null>(null);
  const showOnMaps = useCallback((id: number): void => {
    onMaps.current?.([id]);
    if (document.getElementById('report')?.hidden) location.hash = '#maps';
    else goToSection('maps');
  }, []);
  const page = useMemo((): Page => ({ explanation, details, live: data.live, open }), [data, details]);
  const report = useMemo(
    (): Report => ({ ...page, choices, method, setMethod, maps, labels }),
    [page, choices, method, maps, labels],
  );

  return (
    <PageContext.Provider value={page}>
      <ReportContext.Provider value={report}>
        <Shell
          ranked={ranked}
          links={[
            ['Maps', 'maps', maps !== null] as const,
            ['Found again', 'robustness', robustnessOf(explanation) !== null],
            ['Trust', 'evaluation', data.evaluation !== null],
          ]}
          examples={(props) => <CropExamples {...props} />}
          conceptView={(id) => <MethodMaps id={id} />}
          inputView={(input) => <ImageView input={input} ranked={ranked} />}
          showOnMaps={maps && showOnMaps}
          onLeave={() => open(null)}
        >
          <ImportanceSection ranked={ranked}>
            {(concept) => (
              <Crops
                key={concept.id}
                concept={concept}
                name={labels.nameOf(concept)}
                count={PEEKED}
                class="crops-peek"
              />
            )}
          </ImportanceSection>
          <ConceptsSection ranked={ranked} showOnMaps={maps && showOnMaps} />
          <MapsSection ranked={ranked} control={onMaps} />
          <InputGroups ranked={ranked} />
          <SimilaritySection />
          <RobustnessSection ranked={ranked} />
          {data.evaluation && <EvaluationSection evaluation={data.evaluation} />}
        </Shell>
        <Lightbox view={view} open={open} close={() => open(null)} />
      </ReportContext.Provider>
    </PageContext.Provider>
  );
}
