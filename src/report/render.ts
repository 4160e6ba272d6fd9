// From an explanation to one HTML page that opens from a file, with no server and no network.

import type { Evaluation } from '../craft/attribution/evaluation.ts';
import type { MethodMaps } from '../craft/attribution/example-maps.ts';
import type { Explanation } from '../craft/explanation.ts';
import type { TextExplanation } from '../craft/text/text-explanation.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type DetailSource, imageDetails, textDetails } from './details/details.ts';
import { pageTexts } from './page-texts.ts';
import { quantizeMaps } from './quantize-maps.ts';
import type { LeftOut, LiveHead, ReportData, ReportMaps } from './report-data.ts';
import { packTables } from './tables.ts';
import { reportTemplate } from './template.generated.ts';

/** What a report is made of. The matrices are those of the run: without them the page shows less. */
export interface ReportSource extends Omit<DetailSource, 'U_texts'> {
  explanation: Explanation;
  /**
   * Concept maps of `explanation.examples`, shape [E, h, w, r], the concepts by their id; default: null,
   * a page without maps.
   */
  maps?: Tensor | null;
  /** The same by further methods, of any height and width; negative values are not drawn. */
  mapsBy?: MethodMaps;
  /** What `evaluate` found; default: null, a page without it. */
  evaluation?: Evaluation | null;
  /** Of {@link liveHead}, whose script then stands beside the page; default: null, one file that runs no model. */
  live?: LiveHead | null;
}

/** What the report of a run on texts is made of. */
export interface TextReportSource extends DetailSource {
  explanation: TextExplanation;
  /** Of {@link pageTexts}, where the source comes from there. */
  leftOut?: LeftOut | null;
  /** As in {@link ReportSource}. */
  live?: LiveHead | null;
}

/**
 * The report as the text of index.html. Pure: the same source gives the same bytes.
 *
 * The images are not inside: the page shows those that `explanation.inputs.items[i].image` names, as paths
 * relative to the page, and a placeholder for one that is missing.
 *
 * @throws {@link CraftError} `SHAPE` if a matrix or `maps` does not fit the explanation,
 *   `VALUE` if `maps` holds a value that is not finite.
 */
export function renderReport(source: ReportSource): string {
  const { explanation, maps = null, mapsBy = {}, evaluation = null, live = null } = source;
  const { examples, concepts } = explanation;
  const quantized = (tensor: Tensor): ReportMaps => quantizeMaps(tensor, examples, concepts.length);
  return page({
    kind: 'image',
    explanation,
    maps: maps && quantized(maps),
    mapsBy: Object.entries(mapsBy).map(([method, tensor]) => ({ method, maps: quantized(tensor) })),
    evaluation,
    details: imageDetails(explanation, source),
    live,
  });
}

/**
 * As {@link renderReport}, for texts. The texts that are shown stand in the page; of more than 10,000 texts it lists so
 * many, and says how many it leaves out.
 *
 * @throws {@link CraftError} `SHAPE` if a matrix does not fit the explanation.
 */
export function renderTextReport(source: TextReportSource): string {
  const { live = null, leftOut = null } = source;
  const listed = leftOut ? { source, leftOut } : pageTexts(source);
  const { explanation } = listed.source;
  const details = textDetails(explanation, listed.source);
  return page({ kind: 'text', explanation, details, live, leftOut: listed.leftOut });
}

/** Scripts beside the page (Firefox takes no file for 'self'), and the engine's own code. */
const LIVE_POLICY = "'self' file: 'wasm-unsafe-eval'";

function page(data: ReportData): string {
  const { model, class: target } = data.explanation;
  // as functions: a plain replacement would read $& and $' in the data
  return (data.live ? reportTemplate.replace(/(script-src '[^']*')/, `$1 ${LIVE_POLICY}`) : reportTemplate)
    .replace('<!--craft-xai:title-->', () => escapeText(`Why does ${model.name} say ${target.label}?`))
    .replace('<!--craft-xai:data-->', () => embedJson(data));
}

const asEscape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
/** JSON that cannot end the script element that it stands in, nor start a comment in it. */
const embedJson = (data: ReportData): string =>
  JSON.stringify(packTables(data)).replace(/[<>&\u2028\u2029]/g, asEscape);

const escapeText = (text: string): string => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);
