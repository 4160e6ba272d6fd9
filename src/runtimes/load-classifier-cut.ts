// A model that was read, cut at one layer and checked; other layers of it are cut on demand.

import { ActivationSpace, type ActivationStore } from '../craft/activation-store.ts';
import type { Classifier, LayerChoice, ModelInfo } from '../craft/classifier.ts';
import { earlierLayers } from '../craft/recursion/layers.ts';
import { CraftError } from '../errors.ts';
import type { Preprocess } from '../inputs/preprocess.ts';
import { type CutModel, cutModel, type LatentInfo } from '../onnx/cut.ts';
import type { ModelInspection } from '../onnx/inspect.ts';
import { CutPair } from './cut-pair.ts';
import { foldFacts } from './fold-head.ts';
import { type Probe, probeOnce } from './probe.ts';
import type { Runtime } from './runtime.ts';

/** A model and what all of its cuts share. */
export interface OpenModel {
  readonly runtime: Runtime;
  /** ONNX */
  readonly model: Uint8Array;
  readonly inspection: ModelInspection;
  /** External data of every part, by location. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly preprocess: Preprocess;
  readonly input: ModelInspection['inputs'][number];
  readonly labels: readonly string[] | null;
  readonly info: Pick<ModelInfo, 'name' | 'format' | 'sha256' | 'bytes'>;
  /** Where activations are kept, and what they depend on beside the model and the layer. */
  readonly store: ActivationStore | null;
  readonly facts: { readonly files: unknown; readonly engine: unknown };
  /** Further cuts by the name asked for. */
  readonly cuts: Map<string, Promise<Classifier>>;
}

/**
 * The model cut at its first layer; releasing it closes all further cuts too.
 *
 * @throws {@link CraftError} as {@link openCut}.
 */
export async function openFirstCut(
  open: OpenModel,
  wanted: string,
  chosenBy: LayerChoice['chosenBy'],
): Promise<Classifier> {
  const classifier = await openCut(open, wanted, chosenBy);
  return {
    ...classifier,
    async release() {
      await classifier.release();
      const others = [...open.cuts.values()];
      open.cuts.clear();
      for (const other of others) await (await other.catch(() => null))?.release();
    },
  };
}

/**
 * Cuts f = h∘g at a layer, opens both parts and checks h(g(x)) = f(x) on a seeded random image.
 *
 * @throws {@link CraftError} `LAYER_NOT_FOUND`, `NOT_A_CUT`, `CUT_MISMATCH`, `MODEL_UNSUPPORTED`, `RUNTIME`.
 */
async function openCut(
  open: OpenModel,
  wanted: string,
  chosenBy: LayerChoice['chosenBy'],
): Promise<Classifier> {
  const { inspection, preprocess, labels } = open;
  const cut = cutModel(open.model, wanted, { inline: false, output: inspection.logits });
  const { head, latent } = cut;
  const pair = await openPair(open, cut);
  const space = await spaceOf(open, latent);
  const probe = await probeOnce(pair, preprocess, space);
  return {
    inputToLatent: pair.inputToLatent,
    latentToLogit: pair.latentToLogit,
    foldHead: pair.foldHead,
    foldFacts: (rank) => foldFacts(head, latent, rank),
    check: (batch) => pair.check(batch),
    labels,
    classes: probe.classes,
    inputShape: numbersOf(open.input.dims),
    inputLayout: preprocess.layout,
    latentLayout: latent.layout ?? probe.layout,
    prefixTokens: latent.prefixTokens,
    reads: latent.reads,
    affineHead: latent.linearHead,
    preprocess,
    model: {
      ...open.info,
      input: { name: open.input.name, dims: numbersOf(open.input.dims) },
      output: { name: inspection.logits, dims: [null, probe.classes] },
    },
    layer: layerChoice(latent, probe, chosenBy),
    versions: open.runtime.version,
    warnings: labelWarnings(labels, probe.classes),
    activations: space,
    encoderRuns: () => pair.encoderRuns,
    vjp: pair.backward.vjp,
    gridLayer: pair.backward.gridLayer(inspection.layers, latent.tensor),
    gradientRuns: () => pair.backward.runs,
    earlier: earlierLayers(inspection.layers, latent.tensor),
    at: (layer) => furtherCut(open, layer),
    release: () => pair.release(),
  };
}

function furtherCut(open: OpenModel, layer: string): Promise<Classifier> {
  const known = open.cuts.get(layer);
  if (known) return known;
  const cut = openCut(open, layer, 'user');
  open.cuts.set(layer, cut);
  cut.catch(() => open.cuts.delete(layer));
  return cut;
}

async function openPair(
  open: OpenModel,
  { encoder, head, latent, sideInputs, output }: CutModel,
): Promise<CutPair> {
  if (sideInputs.length > 0) {
    throw new CraftError(
      'MODEL_UNSUPPORTED',
      `model inputs: expected one, the image; got also ${sideInputs.join(', ')} that the head reads`,
    );
  }
  return CutPair.open(open.runtime, {
    encoder,
    head,
    ...wholeModel(open.model, open.inspection),
    input: open.inspection.input,
    latent: latent.inputName,
    output,
    batch: latent.batch,
    files: open.files,
  });
}

async function spaceOf(
  { store, info, inspection, facts }: OpenModel,
  latent: LatentInfo,
): Promise<ActivationSpace | null> {
  if (!store) return null;
  return ActivationSpace.of(store, {
    model: info.sha256,
    files: facts.files,
    layer: latent.tensor,
    output: inspection.logits,
    engine: facts.engine,
  });
}

/** f up to the class scores: the model itself, or what is before its softmax. */
export function wholeModel(
  model: Uint8Array,
  { outputs, logits }: ModelInspection,
): { whole: Uint8Array; wholeOutput: string } {
  if (outputs.some(({ name }) => name === logits)) return { whole: model, wholeOutput: logits };
  const { encoder, latent } = cutModel(model, logits, { inline: false });
  return { whole: encoder, wholeOutput: latent.inputName };
}

/** What the record says of a layer; `probe`: what a run on one input told. */
export function layerChoice(
  latent: LatentInfo,
  probe: Pick<Probe, 'dims' | 'layout'>,
  chosenBy: LayerChoice['chosenBy'],
): LayerChoice {
  return {
    tensor: latent.tensor,
    name: latent.module || latent.name,
    op: latent.op,
    dims: [null, ...probe.dims.slice(1)],
    layout: latent.layout ?? probe.layout,
    prefixTokens: latent.prefixTokens,
    reads: latent.reads,
    chosenBy,
  };
}

/** A warning if there are not as many names as classes. */
export function labelWarnings(labels: readonly string[] | null | undefined, classes: number): string[] {
  if (!labels || labels.length === classes) return [];
  return [
    `The label file has ${labels.length} names and the model ${classes} classes: names may be shifted.`,
  ];
}

/** Dims with null where they are free. */
export function numbersOf(dims: readonly (number | string | null)[]): (number | null)[] {
  return dims.map((d) => (typeof d === 'number' ? d : null));
}
