import { useRef, useState } from 'preact/hooks';
import { useRun } from '../report-context.ts';
import { summaryOf } from '../words/summary.ts';

/** The data as a file, and the report in a few lines of text. */
export function TakeAway() {
  const { explanation, labels } = useRun();
  const text = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState(false);
  const summary = summaryOf(explanation, labels.nameOf);

  const copy = async (): Promise<void> => {
    setCopied(await copyText(text.current!));
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <section id="take-away" aria-labelledby="take-away-title">
      <h2 id="take-away-title">Take it with you</h2>
      <p class="lead">
        The file holds every number of this page, and the names that you gave. The text is for a mail or a
        ticket.
      </p>
      <textarea
        class="summary"
        ref={text}
        readOnly
        rows={Math.min(16, explanation.concepts.length + 9)}
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
        <button type="button" onClick={copy}>
          Copy summary
        </button>
        <span role="status">{copied ? 'Copied' : ''}</span>
      </div>
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
async function copyText(field: HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand('copy');
  }
}
