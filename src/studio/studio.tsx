import { useEffect, useRef, useState } from 'preact/hooks';
import { VERSION } from '../version.ts';
import { CutSection } from './cut-section.tsx';
import { type ChosenExample, settingsOf } from './demo.ts';
import { DropZone } from './drop-zone.tsx';
import { ResultPlace, ResultSection } from './result-section.tsx';
import { RunSection } from './run-section.tsx';
import { DEFAULT_SETTINGS, missingOf, orderOf, type Settings, usualPatch } from './settings.ts';
import { SettingsSection } from './settings-section.tsx';
import { TrySection } from './try-section.tsx';
import { useFiles } from './use-files.ts';
import { useInspection } from './use-inspection.ts';
import { useRun } from './use-run.ts';

/** From files to a report, in four steps that stand on one page. */
export function Studio() {
  const files = useFiles();
  const [settings, setSettings] = useState(DEFAULT_SETTINGS);
  const [layer, setLayer] = useState<string | null>(null);
  const [example, setExample] = useState<ChosenExample | null>(null);
  const run = useRun();
  const { given } = files;
  const state = useInspection(given, settings);
  const { found } = state;
  const change = (part: Partial<Settings>): void => setSettings((before) => ({ ...before, ...part }));

  const { model } = given;
  const before = useRef<typeof model>(null);
  // a new model starts from what is usual for it, not one that is read again with other settings
  useEffect(() => {
    if (!found || !model) return;
    const { layers, suggested } = found.inspection;
    const its = example?.blobs.includes(model.blob) ? example : null;
    setLayer(layers.find(({ tensor }) => tensor === its?.layer)?.tensor ?? suggested);
    const usual = found.preprocess && { patchSize: usualPatch(found.preprocess) };
    // what was typed before the first model came is meant for it
    change({ ...(before.current && DEFAULT_SETTINGS), ...usual, ...(its && settingsOf(its)) });
    before.current = model;
  }, [found && model]);

  const missing = missingOf(given, found, settings);
  return (
    <>
      <header class="top">
        <p class="brand">craft-xai studio</p>
        <p class="muted">Your files stay in this page: nothing is uploaded.</p>
      </header>
      <main class="page">
        <h1>Which concepts does a classifier use?</h1>
        <DropZone files={files} onExample={setExample} />
        <CutSection state={state} layer={layer} choose={setLayer} />
        <SettingsSection found={found} given={given} settings={settings} change={change} />
        <RunSection
          run={run}
          missing={missing}
          start={() => found && run.start(orderOf(given, found, layer, settings))}
        />
        {run.result ? <ResultSection result={run.result} /> : <ResultPlace />}
        {run.order && run.result && <TrySection order={run.order} result={run.result} />}
      </main>
      <footer class="foot">
        <p>
          craft-xai {VERSION}, CRAFT (Fel et al., CVPR 2023) on ONNX Runtime in this browser.{' '}
          <a href="licences.txt">Licences</a>
        </p>
      </footer>
    </>
  );
}
