import { useEffect, useState } from 'preact/hooks';
import { droppedFiles, fetchedFiles, namedFiles } from '../inputs/image-files-web.ts';
import { type ChosenExample, useExamples } from './demo.ts';
import { Failure } from './failure.tsx';
import type { Given } from './given.ts';
import type { Files } from './use-files.ts';

/** Where files come in: dropped anywhere on the page, chosen, or an example. */
export function DropZone({ files, onExample }: { files: Files; onExample: (chosen: ChosenExample) => void }) {
  const isOver = useDrop(files.add);
  const examples = useExamples();
  const { given, fault } = files;
  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title">
        <span class="step">1</span> Model and data
      </h2>
      <div class={`drop ${isOver ? 'is-over' : ''}`}>
        <p>
          Drop a model of images (<code>.onnx</code> or <code>.tflite</code>), with its class names if you
          have them, and a folder of images; or a model of texts (<code>.onnx</code>) with its{' '}
          <code>tokenizer.json</code> and <code>config.json</code>, and a table of texts (<code>.csv</code>,{' '}
          <code>.jsonl</code>, <code>.parquet</code>, <code>.txt</code>). Or choose them:
        </p>
        <div class="buttons">
          <Chooser label="Choose model files" add={files.add} accept=".onnx,.tflite,.txt,.json,.data,.bin" />
          <Chooser label="Choose a folder of images" add={files.add} isFolder />
          <Chooser label="Choose images" add={files.add} accept="image/*" />
          <Chooser
            label="Choose a table of texts"
            add={files.add}
            accept=".csv,.tsv,.tab,.jsonl,.ndjson,.json,.parquet,.txt"
          />
        </div>
        <div class="buttons examples">
          {examples.length === 0 && (
            <span class="muted">
              After <code>craft-xai demo</code>, <code>craft-xai serve</code> offers its example here.
            </span>
          )}
          {examples.map((example) => (
            <button
              type="button"
              key={example.title}
              onClick={() => {
                const fetched = fetchedFiles(example.files);
                void files.add(fetched);
                fetched.then(
                  (its) => onExample({ ...example, blobs: its.map(({ blob }) => blob) }),
                  () => {}, // told by files.add
                );
              }}
            >
              Example: {example.title}
            </button>
          ))}
        </div>
      </div>
      <dl class="given" aria-live="polite">
        <Row term="Model" value={given.model?.name ?? null} />
        <Row term="Class names" value={given.labels && `${given.labels.length}`} />
        <Row term="Images or texts" value={dataOf(given)} />
        {given.textFiles.tokenizer !== null && <Row term="Tokenizer" value="tokenizer.json" />}
      </dl>
      <Failure fault={fault} />
    </section>
  );
}

function dataOf({ images, table }: Given): string | null {
  const count = images.length === 1 ? '1 image' : `${images.length} images`;
  const parts = [images.length > 0 ? count : '', table?.name ?? ''].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : null;
}

function Row({ term, value }: { term: string; value: string | null }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd class={value === null ? 'muted' : ''}>{value ?? 'none yet'}</dd>
    </div>
  );
}

/** A file input under a label that looks like a button. */
function Chooser(props: { label: string; add: Files['add']; accept?: string; isFolder?: boolean }) {
  const { label, add, accept, isFolder = false } = props;
  return (
    <label class="chooser">
      {label}
      <input
        type="file"
        multiple
        accept={accept}
        {...(isFolder && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          void add(Promise.resolve(namedFiles([...(currentTarget.files ?? [])])));
          currentTarget.value = ''; // the same files again are a change too
        }}
      />
    </label>
  );
}

/** Takes what is dropped anywhere; true while something is held over the page. */
function useDrop(add: Files['add']): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) void add(droppedFiles(event.dataTransfer));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [add]);
  return isOver;
}
