import { execFile } from 'node:child_process';
import { copyFile, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

/** The working tree at one moment, as a commit that the repository knows nothing of. */
export interface Snapshot {
  root: string;
  sha: string;
  branch: string;
  /** The same with another content of one file; gives the commit. */
  withFile(path: string, content: string): Promise<string>;
  /** Pushes a commit to the branch; gives what git and the server said. Throws StartError when it is refused. */
  push(url: string, sha: string, options: readonly string[]): Promise<string[]>;
}

/**
 * Commits what git would add of the working tree around `directory`, into `objects` and an index beside it: the repository's
 * own files are only read. Throws StartError outside of a repository.
 */
export async function takeSnapshot(directory: string, objects: string): Promise<Snapshot> {
  const root = await git(directory, {}, 'rev-parse', '--show-toplevel').catch(() => {
    throw new StartError(`${directory} is in no git repository. Run it in a working tree.`);
  });
  const own = (await git(root, {}, 'rev-parse', '--path-format=absolute', '--git-path', 'objects')).trim();
  const index = `${objects}.index`;
  await mkdir(objects, { recursive: true });
  const ownIndex = await git(root, {}, 'rev-parse', '--path-format=absolute', '--git-path', 'index');
  await copyWithTimes(ownIndex, index);
  const environment = {
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: own,
  };
  const inside = (...words: string[]) => git(root, environment, ...words);
  const head = await git(root, {}, 'rev-parse', '-q', '--verify', 'HEAD').catch(() => null);
  const branch = await git(root, {}, 'symbolic-ref', '--short', '-q', 'HEAD').catch(() => 'main');
  const title = head === null ? 'The working tree' : await git(root, {}, 'log', '-1', '--format=%s');
  const commit = async (above: string | null): Promise<string> => {
    const parent = above === null ? [] : ['-p', above];
    return await inside(
      'commit-tree',
      await inside('write-tree'),
      ...parent,
      '-m',
      `${title} (working tree)`,
    );
  };
  await inside('add', '--all', '--', ':/');
  const whole = await commit(head);
  return {
    root,
    branch,
    sha: whole,
    async withFile(path, content) {
      const file = join(objects, 'file');
      await writeFile(file, content);
      const blob = await inside('hash-object', '-w', '--no-filters', '--', file);
      await inside('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
      return await commit(whole);
    },
    async push(url, sha, options) {
      const said = options.flatMap((option) => ['-o', option]);
      const { stderr } = await outcome(
        root,
        environment,
        'push',
        '--force',
        ...said,
        url,
        `${sha}:refs/heads/${branch}`,
      ).catch((error: { stderr?: string }) => {
        throw new StartError(`The working tree could not be pushed: ${(error.stderr ?? '').trim()}`);
      });
      return stderr.split('\n').map((line) => line.trimEnd());
    },
  };
}

/** The time of the index tells git which files may have changed within the second in which it was written. */
async function copyWithTimes(from: string, to: string): Promise<void> {
  const times = await stat(from).catch(() => null);
  if (times === null) return; // nothing was ever added
  await copyFile(from, to);
  await utimes(to, times.atime, times.mtime);
}

const WHO = [
  '-c',
  'user.name=Teaspoon',
  '-c',
  'user.email=run@teaspoon.invalid',
  '-c',
  'core.hooksPath=/dev/null',
];

async function git(
  directory: string,
  environment: Record<string, string>,
  ...words: string[]
): Promise<string> {
  return (await outcome(directory, environment, ...words)).stdout.trimEnd();
}

function outcome(
  directory: string,
  environment: Record<string, string>,
  ...words: string[]
): Promise<{ stdout: string; stderr: string }> {
  const options = { cwd: directory, env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile('git', [...WHO, ...words], options, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(Object.assign(error, { stderr })),
    );
  });
}
