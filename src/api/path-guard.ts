/** `..` as a whole segment, between slashes or backslashes or at either end. */
const TRAVERSAL = /(^|[/\\])\.\.([/\\]|$)/;

/**
 * Whether a raw request path (without its query) climbs out of a directory, in plain or percent-encoded form, encoded
 * once or twice (jobs-api 1.6).
 */
export function climbs(rawPath: string): boolean {
  if (!rawPath.includes('..') && !/%2e|%25/i.test(rawPath)) return false;
  const once = decodeOnce(rawPath);
  return TRAVERSAL.test(once) || TRAVERSAL.test(decodeOnce(once));
}

/** Percent-decoding of the few characters that matter; the rest may be broken and stays as it is. */
function decodeOnce(path: string): string {
  return path.replace(/%2e/gi, '.').replace(/%2f/gi, '/').replace(/%5c/gi, '\\').replace(/%25/g, '%');
}
