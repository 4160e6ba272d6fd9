import { useRun } from '../report-context.ts';
import { className } from '../words/names.ts';
import { inputNoun, isText } from '../words/nouns.ts';
import { countOf, fixed, percent, significant } from '../words/numbers.ts';
import { pathWords } from '../words/path.ts';
import { Citation } from './citation.tsx';
import { Reproduce } from './reproduce.tsx';

/** What the numbers mean and what they do not show, in plain words. */
export function MethodSection() {
  return (
    <section id="method" aria-labelledby="method-title">
      <h2 id="method-title">How to read this</h2>
      <div class="prose">
        <div>
          <h3>What was done</h3>
          <WhatWasDone />
        </div>
        <div>
          <h3>What this does not show</h3>
          <Limits />
        </div>
      </div>
      <Reproduce />
      <Citation />
    </section>
  );
}

function WhatWasDone() {
  const { explanation } = useRun();
  const { factorization, importance, settings } = explanation;
  const input = inputNoun(explanation);
  const rows = isText(explanation)
    ? 'units of the texts'
    : explanation.settings.rows === 'crops'
      ? 'crops of the images'
      : 'places of the layer';
  return (
    <dl class="terms">
      <dt>Concept</dt>
      <dd>
        A pattern of activations that returns across {rows}.{' '}
        {factorization.method === 'nmf' ? 'NMF' : 'Semi-NMF'} found the patterns by itself from{' '}
        {countOf(factorization.rows, 'row')}; nobody told it what to look for, and a concept has no name until
        a person gives one.
      </dd>
      <dt>Importance</dt>
      <dd>
        The total Sobol index. Imagine every concept with a dimmer, all turned at random: the index of a
        concept is the share of the ups and downs of the score of {className(explanation)} that involve its
        dimmer, alone or together with others. It says how much, not which way.{' '}
        {importance.method === 'closed-form'
          ? `After this layer the score is a weighted sum, so the index is computed exactly for each ${input} and the indices sum to 1.`
          : `It is estimated from ${settings.nbDesign} settings of the dimmers for each ${input}, with ${countOf(importance.headEvaluations, 'run')} of the second half of the model${pathWords(importance.path)} Here the indices sum to ${fixed(importance.sum)}; above 1 concepts act together.`}
        {importance.degenerate > 0 &&
          ` On ${countOf(importance.degenerate, input)} no dimmer changed the score; they count as 0.`}
      </dd>
      <dt>Interval</dt>
      <dd>
        {percent(settings.confidence)} bootstrap interval over{' '}
        {importance.method === 'closed-form'
          ? `the ${input}s`
          : `the ${input}s and the settings of the dimmers`}
        : how far the number would move with other {input}s of the same kind. It does not cover another seed,
        number of concepts or layer. ≈ marks a concept that stands above the next in less than 95 of 100
        bootstrap samples.
      </dd>
      <dt>Effect</dt>
      <dd>
        Mean change of the class score (a logit, before any softmax) from removing the concept to keeping it
        whole. Above 0 it speaks for the class, below 0 against it.
      </dd>
      {isText(explanation) ? <TextTerms /> : <MapTerm />}
    </dl>
  );
}

function MapTerm() {
  return (
    <>
      <dt>Maps</dt>
      <dd>How strongly each cell of the layer holds the concept, laid over the image that the model saw.</dd>
    </>
  );
}

function TextTerms() {
  return (
    <>
      <dt>Tinted words</dt>
      <dd>
        Occlusion: the text is read again without the word, and the tint is what the concept loses. A word
        that the concept does not need has no tint; nor has one without which it grows.
      </dd>
      <dt>Draft names</dt>
      <dd>
        The words that set a concept’s strongest units apart from the others (contrastive TF-IDF). They are a
        suggestion for a name, not what the model reads.
      </dd>
    </>
  );
}

function Limits() {
  const { explanation } = useRun();
  const { completeness, factorization, layer, model } = explanation;
  const input = inputNoun(explanation);
  return (
    <ul class="limits">
      <li>
        <strong>The model, not the world.</strong> A concept matters to this model’s score. That does not make
        it a cause of anything in the world, nor a good reason.
      </li>
      <li>
        <strong>One class.</strong> Everything here is about {className(explanation)}. Another class of the{' '}
        {model.classes} can use the same concepts otherwise.
      </li>
      <li>
        <strong>One layer.</strong> The concepts are those of {layer.name || layer.tensor}. Earlier layers
        hold finer ones.
      </li>
      <li>
        <strong>Not everything is covered.</strong> The concepts leave out{' '}
        {percent(completeness.relativeError)} of the activations of whole {input}s and{' '}
        {percent(factorization.relativeError)} of the rows that they were found in (relative error). What lies
        there is not explained.
      </li>
      <li>
        <strong>Nothing is not zero.</strong> With every concept removed the model still gives some score;
        importance and effect are about changes from there, not about the whole score.
      </li>
      <li>
        <strong>Removing a concept is artificial.</strong> It is removed inside the model, not in the {input}.
        Such activations may never occur for a real {input}.
      </li>
      <li>
        <strong>These {input}s.</strong> Other {input}s can give other concepts. The cut was checked on{' '}
        {countOf(layer.cutCheck.inputs, 'input')}: the two halves differ from the model by at most{' '}
        {significant(layer.cutCheck.maxAbsDifference)}.
      </li>
    </ul>
  );
}
