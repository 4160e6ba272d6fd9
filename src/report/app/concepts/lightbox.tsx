import { useEffect, useRef } from 'preact/hooks';
import { MapView } from '../maps/map-view.tsx';
import type { View } from '../report-context.ts';
import { useReport } from '../report-context.ts';
import { CropView } from './crop-view.tsx';

interface Props {
  view: View | null;
  open(view: View): void;
  close(): void;
}

/** The one dialog of the page: native, so that it holds the focus, closes on Escape and gives the focus back. */
export function Lightbox({ view, open, close }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const { maps } = useReport();
  useEffect(() => {
    const dialog = ref.current!;
    if (view && !dialog.open) {
      dialog.showModal();
      dialog.querySelector('h2')?.focus(); // not the buttons: they are below a tall image
    }
    if (!view && dialog.open) dialog.close();
  }, [view]);

  const steps = view ? stepsOf(view, maps?.inputs.length ?? 0) : null;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? steps?.back : event.key === 'ArrowRight' ? steps?.on : null;
    if (step) open(step);
  };
  return (
    <dialog
      ref={ref}
      class="lightbox"
      aria-labelledby="lightbox-title"
      onClose={close}
      onKeyDown={onKeyDown}
      onClick={(event) => event.target === ref.current && close()}
    >
      {view && (
        <div class="lightbox-inner">
          {view.kind === 'crop' ? <CropView view={view} /> : <MapView view={view} />}
          <div class="lightbox-buttons">
            <Step name="← Previous" to={steps?.back ?? null} open={open} />
            <Step name="Next →" to={steps?.on ?? null} open={open} />
            <button type="button" class="close" onClick={close}>
              Close
            </button>
          </div>
        </div>
      )}
    </dialog>
  );
}

/** The views before and after: the concept's other crops, or the other examples. */
function stepsOf(view: View, examples: number): { back: View | null; on: View | null } {
  const at = view.kind === 'crop' ? view.index : view.example;
  const end = view.kind === 'crop' ? view.concept.bestRows.length : examples;
  const to = (i: number): View => (view.kind === 'crop' ? { ...view, index: i } : { ...view, example: i });
  return { back: at > 0 ? to(at - 1) : null, on: at + 1 < end ? to(at + 1) : null };
}

/** Stays focusable at either end, so that the keyboard does not fall out of the dialog. */
function Step({ name, to, open }: { name: string; to: View | null; open(view: View): void }) {
  return (
    <button type="button" aria-disabled={to === null} onClick={() => to && open(to)}>
      {name}
    </button>
  );
}
