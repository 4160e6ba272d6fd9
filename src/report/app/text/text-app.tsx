import { useMemo } from 'preact/hooks';
import type { TextExplanation } from '../../../craft/text/text-explanation.ts';
import type { Explained, TextReportData } from '../../report-data.ts';
import { openDetails } from '../details.ts';
import { ImportanceSection } from '../importance/importance-section.tsx';
import { useLabels } from '../labels.ts';
import { Shell } from '../pages/shell.tsx';
import { InputGroups } from '../relations/input-groups.tsx';
import { SimilaritySection } from '../relations/similarity-section.tsx';
import { type Page, PageContext, type Report, ReportContext } from '../report-context.ts';
import { byImportance } from '../words/verdict.ts';
import { CompareSection } from './compare-section.tsx';
import { HeatmapsSection } from './heatmaps-section.tsx';
import { SignsSection } from './signs-section.tsx';
import { TextConceptsSection } from './text-concepts-section.tsx';
import { TextView } from './text-view.tsx';
import { UnitExamples } from './unit-examples.tsx';
import { UnitQuote } from './unit-quote.tsx';
import { WeightsContext } from './weights-context.ts';
import { wordWeights } from './word-weights.ts';

/** Units beside the chart. */
const PEEKED = 2;

/** The page of a run on texts. */
export function TextApp({ data }: { data: TextReportData }) {
  const { explanation } = data;
  const ranked = useMemo(() => byImportance(explanation.concepts), [explanation]);
  const details = useMemo(() => openDetails(data.details), [data]);
  const weights = useMemo(() => wordWeights(explanation), [explanation]);
  const labels = useLabels(explanation);
  const page = useMemo(
    (): Page<TextExplanation> => ({
      explanation,
      details,
      live: data.live,
      leftOut: data.leftOut,
      open: noDialog,
    }),
    [data, details],
  );
  const report = useMemo((): Report<TextExplanation> => ({ ...page, ...NO_MAPS, labels }), [page, labels]);
  const { compare, heatmaps } = explanation;

  return (
    <PageContext.Provider value={page as Page<Explained>}>
      <ReportContext.Provider value={report}>
        <WeightsContext.Provider value={weights}>
          <Shell
            ranked={ranked}
            links={[
              ['Compared', 'compare', compare !== null] as const,
              ['Texts', 'maps', heatmaps.length > 0],
              ['Trust', 'signs', explanation.signs.length > 0],
            ]}
            examples={(props) => <UnitExamples {...props} />}
            conceptView={() => null}
            inputView={(input) => <TextView input={input} ranked={ranked} />}
            showOnMaps={null}
            onLeave={() => undefined}
          >
            <ImportanceSection ranked={ranked}>
              {(concept) =>
                concept.bestUnits
                  .slice(0, PEEKED)
                  .map((unit) => (
                    <UnitQuote key={`${concept.id}-${unit.row}`} concept={concept} unit={unit} context={0} />
                  ))
              }
            </ImportanceSection>
            <TextConceptsSection ranked={ranked} />
            {compare && <CompareSection compare={compare} />}
            <HeatmapsSection ranked={ranked} />
            <InputGroups ranked={ranked} />
            <SimilaritySection />
            {explanation.signs.length > 0 && <SignsSection />}
          </Shell>
        </WeightsContext.Provider>
      </ReportContext.Provider>
    </PageContext.Provider>
  );
}

const NO_MAPS = { choices: [], method: '', setMethod: noDialog, maps: null };

/** Texts are shown in their place: this report has no dialog. */
function noDialog(): void {}
