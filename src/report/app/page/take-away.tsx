import { useState } from 'preact/hooks';
import { allFit, hashOf, type Labels } from '../address.ts';
import { useRun } from '../report-context.ts';
import { summaryOf } from '../words/summary.ts';

/** The data as a file, and the report in a few lines of text. */
export function TakeAway() {
  const { explanation, labels, leftOut } = useRun();
  const [copied, setCopied] = useState(false);
  const summary = summaryOf(explanation, labels.nameOf, leftOut?.texts);

  const copy = async (words: string): Promise<void> => {
    setCopied(await copyText(words));
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <section id="take-away" aria-labelledby="take-away-title">
      <h2 id="take-away-title">Take it with you</h2>
      <p class="lead">
        The file holds every number of this page, and the names that you gave; so does the link, which is the
        address of this page. The text is for a mail or a ticket. concepts.safetensors, beside this page, has
        the matrices: W, U, maps.
      </p>
      <textarea
        class="summary"
        readOnly
        rows={Math.min(24, explanation.concepts.length + 12)}
        value={summary}
        aria-label="Summary as text"
      />
      <div class="take-away-buttons">
        <button
          type="button"
          class="primary"
          onClick={() => download(JSON.stringify(labels.labelled(), null, 2))}
        >
          Download JSON
        </button>
        {/* a page without files beside it, as in the studio, has none to give */}
        {location.protocol !== 'blob:' && (
          <a class="button" href="concepts.safetensors" download>
            concepts.safetensors
          </a>
        )}
        <button type="button" onClick={() => copy(summary)}>
          Copy summary
        </button>
        <button type="button" onClick={() => copy(linkOf(labels.given))}>
          Copy link with your names
        </button>
        <span role="status">{copied ? 'Copied' : ''}</span>
      </div>
      {!allFit(labels.given) && (
        <p class="muted">
          A link holds only so many letters: the file has all of your names, the link the first.
        </p>
      )}
    </section>
  );
}

function download(json: string): void {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'explanation.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser reads it after the click
}

/** A page opened from a file has not always the right to the clipboard: then the older way, over a selection. */
async function copyText(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = words;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    return copied;
  }
}

/** The report itself, with the names. */
function linkOf(labels: Labels): string {
  const url = new URL(location.href);
  url.hash = hashOf('report', labels);
  return url.href;
}
