/**
 * The URL of an image beside the page, or null if the path leads elsewhere: a scheme (but an image as data:), a host
 * or a folder above. An explanation may come from someone else, and a path to a host would tell it of the reader.
 */
export function imageUrl(path: string | null): string | null {
  if (!path) return null;
  if (/^data:image\/(png|jpeg|webp|gif|avif);/i.test(path)) return path;
  const parts = path.split('/');
  if (/^[a-z][a-z\d+.-]*:/i.test(path) || path.includes('\\') || parts[0] === '' || parts.includes('..'))
    return null;
  return parts.map(encodeURIComponent).join('/');
}
