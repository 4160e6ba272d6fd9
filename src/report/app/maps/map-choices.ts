// The maps of every method that the page has, the latent's own first.

import type { ImageReportData } from '../../report-data.ts';
import { type ConceptMaps, openMaps } from './concept-maps.ts';

export interface MapChoice {
  method: string;
  maps: ConceptMaps;
}

/** Maps that can be opened; none if their sizes are wrong. */
export function openChoices({ maps, mapsBy = [] }: ImageReportData): MapChoice[] {
  return [{ method: 'latent', maps }, ...mapsBy].flatMap((choice) => {
    const opened = openMaps(choice.maps);
    return opened ? [{ method: choice.method, maps: opened }] : [];
  });
}
