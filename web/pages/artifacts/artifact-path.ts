/** Each name of a path encoded, so that slashes stay what they are. */
export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The directories around a path, the outermost first, each with its own name. */
export function placesOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }));
}

/** How a file is shown: pictures that browsers draw without running anything, all else as text if it is some. */
export function kindOf(path: string): 'image' | 'text' {
  return /\.(png|jpe?g|gif|webp)$/i.test(path) ? 'image' : 'text';
}

/** The text of the beginning of a file, or null when it is none: a zero byte, or bytes that are no UTF-8. */
export function textOf(bytes: Uint8Array, whole: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    // A character that is cut at the end of a beginning is not an error.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    return null;
  }
}
