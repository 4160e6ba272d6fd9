import { useReport } from '../report-context.ts';
import { modelName } from '../words/names.ts';
import { verdictOf } from '../words/verdict.ts';

export function VerdictHeader() {
  const { explanation, labels } = useReport();
  const { headline, details } = verdictOf(explanation, labels.nameOf);
  return (
    <div class="verdict">
      <h1>
        Why does <span class="given">{modelName(explanation)}</span> say{' '}
        <span class="given">{explanation.class.label}</span>?
      </h1>
      <p class="headline">{headline}</p>
      {details.length > 0 && <p class="headline-more">{details.join(' ')}</p>}
    </div>
  );
}
