import { useEffect, useMemo, useRef } from 'preact/hooks';
import { explanationToJson, matricesToBytes } from '../store/explanation.ts';
import type { ExplainJobResult } from '../web/explain-job.ts';

/** The report in a frame that can reach nothing of this page, and its files. */
export function ResultSection({ result }: { result: ExplainJobResult }) {
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

function urlsOf({
  explanation,
  matrices,
  report,
}: ExplainJobResult): Record<'report' | 'json' | 'matrices', string> {
  const bytes = matricesToBytes(matrices) as Uint8Array<ArrayBuffer>;
  return {
    report: URL.createObjectURL(report),
    json: URL.createObjectURL(new Blob([explanationToJson(explanation)], { type: 'application/json' })),
    matrices: URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' })),
  };
}
