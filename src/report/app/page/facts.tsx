import type { ComponentChildren } from 'preact';
import { useRun } from '../report-context.ts';
import { completenessLevel, completenessWords } from '../words/completeness.ts';
import { rowNoun } from '../words/nouns.ts';
import { bytes, countOf, dimsText, fixed, percent, significant } from '../words/numbers.ts';
import { InputsFact } from './inputs-fact.tsx';

/** The strip of facts: what was explained, on what, and how far to trust it. */
export function Facts() {
  const { explanation } = useRun();
  const { model, layer, class: target, concepts, settings, factorization, importance } = explanation;
  return (
    <dl class="facts" aria-label="Facts of this run">
      <Fact name="Model" value={model.name}>
        {model.format.toUpperCase()}, {bytes(model.bytes)}, {model.classes.toLocaleString('en')} classes
      </Fact>
      <Fact name="Class" value={target.label}>
        id {target.id}
      </Fact>
      <Fact name="Layer" value={layer.name || layer.tensor}>
        {layer.op}, {dimsText(layer.dims)};{' '}
        {layer.chosenBy === 'user' ? 'chosen by the user' : 'suggested by craft-xai'}
      </Fact>
      <InputsFact />
      <Fact name="Concepts" value={String(concepts.length)}>
        {factorization.method === 'nmf' ? 'NMF' : 'Semi-NMF'} of{' '}
        {countOf(factorization.rows, rowNoun(explanation))}
        {factorization.converged ? '' : '; stopped before it settled'};{' '}
        {importance.method === 'closed-form'
          ? 'exact importance'
          : `sampled importance, N = ${settings.nbDesign}`}
      </Fact>
      <CutFact />
      <CompletenessFact />
    </dl>
  );
}

export function Fact({
  name,
  value,
  children,
}: {
  name: string;
  value: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd class="fact-value" title={value}>
        {value}
      </dd>
      <dd class="fact-note">{children}</dd>
    </div>
  );
}

const levelWords = { good: 'good', fair: 'fair', low: 'low', unknown: 'undefined' };

function CompletenessFact() {
  const { completeness } = useRun().explanation;
  const level = completenessLevel(completeness);
  const r2 = completeness.r2 ?? Number.NaN;
  return (
    <div class="fact fact-wide">
      <dt>Completeness</dt>
      <dd class="fact-value">
        <span class={`level level-${level}`}>{levelWords[level]}</span> R² {r2 < 0 ? 'below 0' : fixed(r2)}
        <span class="fact-second">same first choice {percent(completeness.top1Agreement)}</span>
      </dd>
      <dd class="meter" aria-hidden="true">
        <span style={{ width: `${100 * Math.min(1, Math.max(0, r2 || 0))}%` }} />
      </dd>
      <dd class="fact-note">{completenessWords(completeness)}</dd>
    </div>
  );
}

function CutFact() {
  const { cutCheck } = useRun().explanation.layer;
  const { inputs, maxAbsDifference, maxAbsLogit } = cutCheck;
  const share = maxAbsDifference / maxAbsLogit;
  // float32 sums in another order differ by about 1e-6 of the logits; a thousandth is no longer rounding
  const fine = maxAbsDifference === 0 || share < 1e-3;
  return (
    <Fact name="Cut check" value={fine ? 'The two halves give the same scores' : 'The two halves differ'}>
      max |h(g(x)) − f(x)| = {significant(maxAbsDifference)} on {countOf(inputs, 'input')}, scores up to{' '}
      {significant(maxAbsLogit)}
    </Fact>
  );
}
