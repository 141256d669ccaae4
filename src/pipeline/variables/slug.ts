import { createHash } from 'node:crypto';

/** A text fit for a host name or a path: lower case, other characters `-`, at most 63 (ci-yaml 13.3). */
export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

const ENVIRONMENT_SLUG_LENGTH = 24;

/** CI_ENVIRONMENT_SLUG: at most 24 characters, and different for names that differ (ci-yaml 11). */
export function environmentSlugOf(name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '-');
  const slug = (/^[a-z]/.test(letters) ? letters : `env-${letters}`).replace(/-{2,}/g, '-');
  if (slug === name && slug.length <= ENVIRONMENT_SLUG_LENGTH) return slug.replace(/-$/, '');
  const digest = BigInt(`0x${createHash('sha256').update(name).digest('hex')}`).toString(36);
  return `${slug.slice(0, 17).replace(/-$/, '')}-${digest.slice(-6)}`;
}

/** The name that jobs made by one `parallel` share: without ` 1/3` and `: [a, b]`, up to three of them (ci-yaml 8.6). */
export function groupNameOf(jobName: string): string {
  let name = jobName;
  for (let suffixes = 0; suffixes < 3; suffixes++) {
    const shorter = name.trimEnd().replace(/[\s:]+(?:\[[^[]*\]|\d+[\s:/\\]+\d+)$/, '');
    if (shorter === name.trimEnd()) break;
    name = shorter;
  }
  return name === '' ? jobName : name;
}
