/** Names of refs: what git allows, and what we allow on top (security GIT-2). Pure. */

const MAX_BYTES = 255;
/** Control characters, space, DEL and what git's own syntax uses. */
const FORBIDDEN = /[\0-\x20\x7f~^:?*[\\]/;

/**
 * Whether `name` (the part after `refs/heads/` or `refs/tags/`) may be a branch or tag: git's check-ref-format, at most
 * 255 bytes, no leading `-`, nothing that could be taken for a commit id, for HEAD or for a full ref name.
 */
export function isValidRefName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_BYTES || !isWellFormed(name)) return false;
  return !(
    name.startsWith('-') ||
    name === 'HEAD' ||
    name.startsWith('refs/') ||
    /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(name)
  );
}

/** The rules of `git check-ref-format` for a name below `refs/heads/`; also refuses bytes that are not UTF-8. */
function isWellFormed(name: string): boolean {
  if (name === '' || name === '@' || name.includes('\uFFFD') || FORBIDDEN.test(name)) return false;
  if (name.includes('..') || name.includes('@{') || name.endsWith('.')) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

export type RefName = { kind: 'branch' | 'tag'; name: string; full: string };

/** Splits a full ref name into its kind and short name; null when it is neither a branch nor a tag. */
export function parseRef(full: string): RefName | null {
  if (full.startsWith('refs/heads/')) return { kind: 'branch', name: full.slice(11), full };
  if (full.startsWith('refs/tags/')) return { kind: 'tag', name: full.slice(10), full };
  return null;
}

/** A commit id as git prints it. */
export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Stands for "no commit" as the old or new value of a ref. */
export const ZERO_SHA = '0'.repeat(40);
