// Small notes of the page in the browser. A page opened from a file may have no storage, or one that throws:
// then nothing is kept, and the page works.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps `value`, or forgets the key if it is null. */
export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // nothing is lost but the note
  }
}
