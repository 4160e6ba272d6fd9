import { useEffect, useMemo, useRef } from 'preact/hooks';
import { explanationToJson, matricesToBytes } from '../store/explanation.ts';
import { textExplanationToJson, textMatricesToBytes } from '../store/text-explanation.ts';
import type { ExplainTextJobResult } from '../web/explain-text-job.ts';
import type { RunResult } from './use-run.ts';

/** Where the report will stand, as high as it, so that nothing moves when it comes. */
export function ResultPlace() {
  return (
    <section aria-labelledby="result-title" class="result">
      <h2 id="result-title">
        <span class="step">5</span> Report
      </h2>
      <p class="result-wait">The report will stand here, to read and to keep as one file.</p>
    </section>
  );
}

/** The report in a frame that can reach nothing of this page, and its files. */
export function ResultSection({ result }: { result: RunResult }) {
  const title = useRef<HTMLHeadingElement>(null);
  const urls = useMemo(() => urlsOf(result), [result]);
  useEffect(() => {
    title.current?.focus();
    return () => {
      for (const url of Object.values(urls)) URL.revokeObjectURL(url);
    };
  }, [urls]);
  const { label } = result.explanation.class;
  return (
    <section aria-labelledby="result-title" class="result">
      <h2 id="result-title" ref={title} tabIndex={-1}>
        The report for {label}
      </h2>
      <div class="buttons">
        <a class="button" href={urls.report} target="_blank" rel="noreferrer">
          Open in a tab
        </a>
        <a class="button" href={urls.report} download="craft-xai-report.html">
          Download the report
        </a>
        <a class="button" href={urls.json} download="explanation.json">
          explanation.json
        </a>
        <a class="button" href={urls.matrices} download="concepts.safetensors">
          concepts.safetensors
        </a>
      </div>
      <iframe title={`Report for ${label}`} src={urls.report} sandbox="allow-scripts allow-downloads" />
    </section>
  );
}

function urlsOf(result: RunResult): Record<'report' | 'json' | 'matrices', string> {
  const { json, bytes } = filesOf(result);
  return {
    report: URL.createObjectURL(result.report),
    json: URL.createObjectURL(new Blob([json], { type: 'application/json' })),
    matrices: URL.createObjectURL(new Blob([bytes as BlobPart], { type: 'application/octet-stream' })),
  };
}

function filesOf(result: RunResult): { json: string; bytes: Uint8Array } {
  if (isText(result)) {
    const { explanation, matrices } = result;
    return { json: textExplanationToJson(explanation), bytes: textMatricesToBytes(matrices) };
  }
  return { json: explanationToJson(result.explanation), bytes: matricesToBytes(result.matrices) };
}

function isText(result: RunResult): result is ExplainTextJobResult {
  return result.explanation.inputs.kind === 'text';
}
