import { useMemo, useState } from 'preact/hooks';
import type { ImageReportData } from '../report-data.ts';
import { ConceptsSection } from './concepts/concepts-section.tsx';
import { Crop } from './concepts/crop.tsx';
import { Lightbox } from './concepts/lightbox.tsx';
import { openDetails } from './details.ts';
import { EvaluationSection } from './evaluation/evaluation-section.tsx';
import { ImportanceSection } from './importance/importance-section.tsx';
import { useLabels } from './labels.ts';
import { openChoices } from './maps/map-choices.ts';
import { MapsSection } from './maps/maps-section.tsx';
import { CropExamples } from './pages/crop-examples.tsx';
import { goToSection } from './pages/go-to-section.ts';
import { ImageView } from './pages/image-view.tsx';
import { Shell } from './pages/shell.tsx';
import { InputGroups } from './relations/input-groups.tsx';
import { SimilaritySection } from './relations/similarity-section.tsx';
import { type Report, ReportContext, type View } from './report-context.ts';
import { byImportance } from './words/verdict.ts';

/** The page of a run on images. The concept selected in the chart is the one shown on the maps first. */
export function App({ data }: { data: ImageReportData }) {
  const { explanation } = data;
  const ranked = useMemo(() => byImportance(explanation.concepts), [explanation]);
  const choices = useMemo(() => openChoices(data), [data]);
  const details = useMemo(() => openDetails(data.details), [data]);
  const [method, setMethod] = useState(choices[0]?.method ?? '');
  const maps = choices.find((choice) => choice.method === method)?.maps ?? null;
  const labels = useLabels(explanation);
  const [view, open] = useState<View | null>(null);
  const [selected, select] = useState(ranked[0]?.id ?? 0);
  const [shown, show] = useState<number[]>(() => ranked.slice(0, 3).map((c) => c.id));
  const showOnMaps = (id: number): void => {
    show([id]);
    if (document.getElementById('report')?.hidden) location.hash = '#maps';
    else goToSection('maps');
  };
  const report: Report = { explanation, details, maps, labels, open };
  const concept = ranked.find((c) => c.id === selected);

  return (
    <ReportContext.Provider value={report}>
      <Shell
        ranked={ranked}
        links={[['Maps', 'maps', maps !== null] as const, ['Trust', 'evaluation', data.evaluation !== null]]}
        examples={(props) => <CropExamples {...props} />}
        inputView={(input) => <ImageView input={input} ranked={ranked} />}
        showOnMaps={maps && showOnMaps}
        onLeave={() => open(null)}
      >
        <ImportanceSection ranked={ranked} selected={selected} select={select}>
          {concept && (
            <div class="crops crops-peek">
              {concept.bestRows.slice(0, 4).map((row, index) => (
                <Crop key={`${selected}-${row.row}`} concept={concept} index={index} />
              ))}
            </div>
          )}
        </ImportanceSection>
        <ConceptsSection ranked={ranked} showOnMaps={maps && showOnMaps} />
        <MapsSection
          ranked={ranked}
          shown={shown}
          show={show}
          methods={choices.map((choice) => choice.method)}
          method={method}
          setMethod={setMethod}
        />
        <InputGroups ranked={ranked} />
        <SimilaritySection />
        {data.evaluation && <EvaluationSection evaluation={data.evaluation} />}
      </Shell>
      <Lightbox view={view} open={open} close={() => open(null)} />
    </ReportContext.Provider>
  );
}
