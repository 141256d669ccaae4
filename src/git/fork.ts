import { listBranches, listTags } from './refs.ts';
import type { Repositories } from './repository.ts';
import { exitOf, GitFailed, git, killGroup, spawnGit, stderrOf } from './run-git.ts';

const TIMEOUT_MS = 10 * 60 * 1000;

/**
 * Copies branches and tags with their history from one project's repository into the empty one of another: all of them,
 * or only the branches named. One pack goes from git to git; refs of pipelines stay behind. Gives whether there was any.
 */
export async function copyHistory(
  repositories: Repositories,
  fromId: number,
  toId: number,
  branches: readonly string[] | null,
): Promise<boolean> {
  const heads = await listBranches(repositories, fromId);
  const wanted = branches === null ? heads : heads.filter(({ name }) => branches.includes(name));
  const tags = branches === null ? await listTags(repositories, fromId) : [];
  if (wanted.length + tags.length === 0) return false;
  const target = repositories.path(toId);
  const tips = [...wanted, ...tags].map(({ objectSha }) => objectSha);
  await sendPack(repositories.path(fromId), target, `${tips.join('\n')}\n`);
  const updates = [
    ...wanted.map(({ name, objectSha }) => `create refs/heads/${name} ${objectSha}\n`),
    ...tags.map(({ name, objectSha }) => `create refs/tags/${name} ${objectSha}\n`),
  ];
  await git(target, ['update-ref', '--stdin'], { input: updates.join('') });
  return true;
}

async function sendPack(source: string, target: string, tips: string): Promise<void> {
  const options = { timeoutMs: TIMEOUT_MS };
  const pack = spawnGit(source, ['pack-objects', '--revs', '--stdout', '--delta-base-offset', '-q'], options);
  const index = spawnGit(target, ['index-pack', '--stdin'], options);
  const said = [stderrOf(pack), stderrOf(index)];
  pack.stdin.end(tips);
  pack.stdout.pipe(index.stdin);
  index.stdout.resume();
  try {
    const codes = await Promise.all([exitOf(pack, 'pack-objects'), exitOf(index, 'index-pack')]);
    if (codes.some((code) => code !== 0)) {
      throw new GitFailed(`copying a history: ${said.map((text) => text()).join(' ')}`);
    }
  } finally {
    killGroup(pack);
    killGroup(index);
  }
}
