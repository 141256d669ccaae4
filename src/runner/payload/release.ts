/** Flags of the command in the order in which GitLab gives them. */
const FLAGS = ['name', 'description', 'tag_name', 'tag_message', 'ref', 'released_at'] as const;

/**
 * The command of the `release` step (ci-yaml 12.4). Texts stand in double quotes: the job's shell still expands variables
 * in them, nothing else of them is special.
 */
export function releaseCommand(release: Record<string, unknown>): string {
  const words = ['release-cli', 'create'];
  for (const flag of FLAGS) {
    const value = release[flag];
    if (typeof value === 'string' && value !== '') words.push(`--${flag.replaceAll('_', '-')}`, quote(value));
  }
  for (const milestone of listOf(release.milestones)) words.push('--milestone', quote(String(milestone)));
  for (const link of listOf((release.assets as { links?: unknown } | undefined)?.links)) {
    words.push('--assets-link', quote(JSON.stringify(link)));
  }
  return words.join(' ');
}

function quote(text: string): string {
  return `"${text.replace(/[\\"`]/g, '\\$&')}"`;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
