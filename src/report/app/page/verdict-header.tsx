import { useRun } from '../report-context.ts';
import { modelName, shorten } from '../words/names.ts';
import { verdictOf } from '../words/verdict.ts';

export function VerdictHeader() {
  const { explanation, labels } = useRun();
  const { headline, details } = verdictOf(explanation, labels.nameOf);
  return (
    <div class="verdict">
      <h1 title={`${explanation.model.name}, ${explanation.class.label}`}>
        Why does <span>{shorten(modelName(explanation), 48)}</span> say{' '}
        <span>{shorten(explanation.class.label, 80)}</span>?
      </h1>
      <p class="headline">{headline}</p>
      {details.length > 0 && <p class="headline-more">{details.join(' ')}</p>}
    </div>
  );
}
