import type { Explanation } from '../../craft/explanation.ts';
import type { ReportData } from '../report-data.ts';
import { unpackTables } from '../tables.ts';

// written again, as a type: the schema that holds it would bring its validator into the page
const format: Explanation['format'] = 'craft-xai/explanation';

/** The page's data, or null if the text is not ours: cut short, or of another format. */
export function readData(text: string): ReportData | null {
  try {
    const data = unpackTables(JSON.parse(text)) as ReportData;
    return data.explanation.format === format ? data : null;
  } catch {
    return null;
  }
}
