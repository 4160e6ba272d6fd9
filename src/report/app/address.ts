// The address of the page after its #: a place, and the names that the reader gave to concepts, so that who opens the
// link sees them too. #concept-3&name1=ears&name3=dead%20leaves

/** Concept id to name. An empty name takes the one in the explanation away. */
export type Labels = Readonly<Record<number, string>>;

/** Characters of one name, as in its field. */
export const LONGEST_NAME = 200;
/** Characters of all names in an address: mail programs cut longer ones. */
const LONGEST = 1800;
/** What is read of an address that comes from elsewhere. */
const MOST_READ = 2 ** 16;

/** What stands before the names: 'concept-3', 'maps', '' for the report itself. */
export const placeOf = (hash: string): string => hash.slice(1).split('&', 1)[0];

/** Whether it names a section of the report, not one of its pages. */
export const namesSection = (hash: string): boolean => /^(?!report$|concept-|input-)./.test(placeOf(hash));

/** Names of concepts 0 … concepts − 1; what cannot be read is left out. */
export function namesIn(hash: string, concepts: number): Labels {
  const names: Record<number, string> = {};
  for (const part of hash.slice(0, MOST_READ).split('&').slice(1)) {
    const [, number, text] = /^name([1-9]\d{0,5})=(.*)$/.exec(part) ?? [];
    const id = Number(number) - 1;
    const name = text === undefined ? null : decoded(text);
    if (id < concepts && name !== null) names[id] = name.slice(0, LONGEST_NAME);
  }
  return names;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The address of a place with names, of the concepts in their order as many as fit. */
export function hashOf(place: string, labels: Labels): string {
  let hash = `#${place}`;
  for (const [id, name] of Object.entries(labels)) {
    // half of a character outside of the basic plane cannot be written
    const part = `&name${Number(id) + 1}=${encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\uFFFD'))}`;
    if (hash.length + part.length > LONGEST) break;
    hash += part;
  }
  return hash;
}

/** Whether the address of a place holds all of the names. */
export const allFit = (labels: Labels): boolean =>
  Object.keys(namesIn(hashOf('', labels), Number.POSITIVE_INFINITY)).length === Object.keys(labels).length;

/** Puts the names into the address, where that is allowed. */
export function writeNames(labels: Labels): void {
  const hash = hashOf(placeOf(location.hash), labels);
  if (hash === location.hash || (hash === '#' && location.hash === '')) return;
  try {
    // the state tells this entry of the history from a link that was opened
    history.replaceState({ ...history.state, named: true }, '', hash);
  } catch {
    // a frame without an address of its own: the names stay in the page
  }
}

/** Whether the address was opened as a link, not written by the page. */
export const isOpenedLink = (): boolean => history.state?.named !== true;
