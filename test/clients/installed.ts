import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'teaspoon-tests');
const NPM = join(CACHE, 'npm-clients', 'node_modules');

/** A client of install.sh: what starts it, and why its tests are skipped (false where it is there). */
export interface Client {
  command: string;
  skip: string | false;
}

function client(name: string, command: string | undefined): Client {
  const skip = command === undefined && `no ${name}: run test/clients/install.sh`;
  return { command: command ?? name, skip };
}

function inPath(name: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find(existsSync);
}

/** glab: what `GLAB` names, the one of install.sh, or the first in PATH. */
export const glab = client(
  'glab',
  process.env.GLAB ?? [join(CACHE, 'glab/usr/bin/glab')].find(existsSync) ?? inPath('glab'),
);

/** A script of node. */
export const gitbeakerCli = client(
  '@gitbeaker/cli',
  [join(NPM, '@gitbeaker/cli/dist/index.mjs')].find(existsSync),
);

/** A script of node. */
export const gitlabMcp = client(
  '@zereight/mcp-gitlab',
  [join(NPM, '@zereight/mcp-gitlab/build/index.js')].find(existsSync),
);

/** ruby with the gem gitlab. */
export const rubyGitlab = client('ruby-gitlab', rubyWithGitlab());

function rubyWithGitlab(): string | undefined {
  const ruby = inPath('ruby');
  return ruby !== undefined && spawnSync(ruby, ['-e', 'require "gitlab"']).status === 0 ? ruby : undefined;
}
