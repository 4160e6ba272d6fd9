// What the model is and where it can be cut, found in a worker whenever the model changes.

import { useEffect, useState } from 'preact/hooks';
import { inspectInWorker } from '../web/explain-in-worker.ts';
import type { WebInspection } from '../web/messages.ts';
import { type Fault, faultOf } from './failure.tsx';
import type { Given } from './given.ts';
import { overridesOf, type Settings } from './settings.ts';

export interface InspectionState {
  readonly found: WebInspection | null;
  readonly isBusy: boolean;
  readonly fault: Fault | null;
}

/** With the model that it is about: while a new one is read, what was found of the old one does not count. */
type Kept = InspectionState & { readonly of: Given['model'] };

const NONE: InspectionState = { found: null, isBusy: false, fault: null };

export function useInspection(given: Given, settings: Settings): InspectionState {
  const [state, setState] = useState<Kept>({ ...NONE, of: null });
  const { model, externalData, config } = given;
  const { scaling, resizeMode } = settings;
  // of the settings only these two change what is found
  useEffect(() => {
    if (!model) return;
    const controller = new AbortController();
    setState((before) => ({ ...(before.of === model ? before : NONE), of: model, isBusy: true }));
    const job = { model: model.blob, name: baseName(model.name), externalData, config: config ?? undefined };
    inspectInWorker({ ...job, preprocess: overridesOf(settings) }, { signal: controller.signal }).then(
      (found) => setState({ ...NONE, of: model, found }),
      (error) => {
        if (!controller.signal.aborted) setState({ ...NONE, of: model, fault: faultOf(error) });
      },
    );
    return () => controller.abort();
  }, [model, externalData, config, scaling, resizeMode]);
  return state.of === model ? state : NONE;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
