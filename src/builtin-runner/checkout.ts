import type { JobPayload } from '../runner/protocol.ts';
import { quote } from './script.ts';

export type GitStrategy = 'clone' | 'fetch' | 'none' | 'empty';

/** How the sources are brought here: the variable GIT_STRATEGY, else what the server says. */
export function gitStrategy(job: JobPayload, values: ReadonlyMap<string, string>): GitStrategy {
  const wanted = values.get('GIT_STRATEGY');
  if (wanted === 'clone' || wanted === 'fetch' || wanted === 'none' || wanted === 'empty') return wanted;
  return job.allow_git_fetch === false ? 'clone' : 'fetch';
}

/**
 * The bash text that brings the commit into the current directory (runner-api 7): the remote is stored without its
 * credentials, they are only in the environment of this script. Every value from outside is one quoted word. What
 * `isCheckedOut` is neither checked out nor cleaned again.
 */
export function checkoutScript(
  job: JobPayload,
  values: ReadonlyMap<string, string>,
  isCheckedOut: boolean,
): string {
  const git = job.git_info;
  const url = withoutCredentials(git.repo_url);
  const depth = Number(values.get('GIT_DEPTH') ?? git.depth ?? 0);
  const fetchFlags = words(values.get('GIT_FETCH_EXTRA_FLAGS') ?? '--prune --quiet');
  const cleanFlags = words(values.get('GIT_CLEAN_FLAGS') ?? '-ffdx');
  const lines = [
    'set -eo pipefail',
    depth > 0
      ? `echo ${quote(green(`Fetching changes with git depth set to ${depth}...`))}`
      : `echo ${quote(green('Fetching changes...'))}`,
    `if ${isHere(job)}; then`,
    'echo "The commit is here already, from another job of this pipeline."',
    '[ ! -e .git/index.lock ] || rm -f .git/index.lock',
    'else',
    'if [ -d .git ]; then',
    'upkeep=true',
    'rm -f .git/index.lock .git/shallow.lock .git/HEAD.lock .git/config.lock',
    `git config remote.origin.url ${quote(url)}`,
    'git config fetch.recurseSubmodules false',
    'else',
    'upkeep=false',
    'git init --quiet .',
    // What two starts of git would write.
    `printf '[remote "origin"]\\n\\turl = "%s"\\n[fetch]\\n\\trecurseSubmodules = false\\n' ${quote(url)} >> .git/config`,
    'echo "Created fresh repository."',
    'fi',
    `git -c maintenance.auto=$upkeep -c ${quote(`url.${git.repo_url}.insteadOf=${url}`)} fetch origin --no-recurse-submodules ${git.refspecs.map(quote).join(' ')}${depth > 0 ? ` --depth ${depth}` : ''} ${fetchFlags}`,
    'fi',
  ];
  if (values.get('GIT_CHECKOUT') !== 'false') {
    lines.push(
      `echo ${quote(green(`Checking out ${git.sha.slice(0, 8)} as detached HEAD (ref is ${git.ref})...`))}`,
    );
    if (!isCheckedOut) {
      lines.push(`git checkout -f -q ${quote(git.sha)}`);
      if (cleanFlags !== 'none') lines.push(`git clean ${cleanFlags}`);
    }
  }
  lines.push(...submodules(job, values));
  return `${lines.join('\n')}\n`;
}

/** What of a job decides how its checked out and cleaned sources look; null when submodules or nothing at all are brought. */
export function checkoutWork(job: JobPayload, values: ReadonlyMap<string, string>): string | null {
  if (values.get('GIT_CHECKOUT') === 'false') return null;
  if ((values.get('GIT_SUBMODULE_STRATEGY') ?? 'none') !== 'none') return null;
  return `${job.git_info.sha} ${values.get('GIT_CLEAN_FLAGS') ?? ''}`;
}

/**
 * An earlier job of the pipeline fetched the same refs into this directory: a pipeline's ref never moves. The ref's file is
 * read by bash itself; should git have packed it away, the commit is fetched again.
 */
function isHere({ job_info, git_info }: JobPayload): string {
  const ref = `.git/refs/pipelines/${Number(job_info.pipeline_id)}`;
  return `[ -f ${ref} ] && [ "$(<${ref})" = ${quote(git_info.sha)} ]`;
}

function submodules(job: JobPayload, values: ReadonlyMap<string, string>): string[] {
  const strategy = values.get('GIT_SUBMODULE_STRATEGY') ?? 'none';
  if (strategy !== 'normal' && strategy !== 'recursive') {
    return [`echo ${quote(green('Skipping Git submodules setup'))}`];
  }
  const recursive = strategy === 'recursive' ? ' --recursive' : '';
  const depth = Number(values.get('GIT_SUBMODULE_DEPTH') ?? 0);
  const server = new URL(job.git_info.repo_url);
  const bare = `${server.protocol}//${server.host}/`;
  const credentials = `${server.protocol}//${server.username}:${server.password}@${server.host}/`;
  const git = `git -c ${quote(`url.${credentials}.insteadOf=${bare}`)}`;
  return [
    `echo ${quote(green(`Updating/initializing submodules${recursive && ' recursively'}...`))}`,
    `git submodule init`,
    `git submodule sync${recursive}`,
    `${git} submodule update --init${recursive}${depth > 0 ? ` --depth ${depth}` : ''}`,
  ];
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** Flags are split at blanks as the shell would, each quoted again. */
function words(flags: string): string {
  const split = flags.split(/\s+/).filter((word) => word !== '');
  return split.length === 1 && split[0] === 'none' ? 'none' : split.map(quote).join(' ');
}

function green(text: string): string {
  return `\x1b[32;1m${text}\x1b[0;m`;
}
