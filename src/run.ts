import { mkdtempSync, rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DemoView } from './demo-view.ts';
import { followPipeline, type Pipeline, type PipelineJob, ServerApi } from './follow-pipeline.ts';
import { onlyJobs } from './run-jobs.ts';
import { type Snapshot, takeSnapshot } from './run-snapshot.ts';
import { startServer } from './server.ts';
import { readCommand, readSettings, SettingsError } from './settings.ts';
import { StartError } from './start-error.ts';

const HELP = `Usage: teaspoon run [JOB…] [options]

Runs the pipeline of the working tree around this directory on this machine, with what is not committed yet: files that git would
add are in it, ignored ones are not. A server in a temporary directory and the built-in runner do it, as a push would; both
are gone afterwards, and the repository is left as it was.

  JOB…                   only these jobs and those that they need; stages in between are not waited for
  --variable KEY=VALUE   a variable of the pipeline; may be repeated
  --concurrency NUMBER   jobs at once (default 4)

Includes of other projects and their components are not there; remote files are fetched. CI/CD variables of a real server are
not there either: give them with --variable.

Exit code: 0 the pipeline is green, or waits for a manual job; 1 it is not, or there is none; 2 wrong words.
`;

const OPTIONS = {
  variable: { type: 'string', multiple: true },
  concurrency: { type: 'string' },
} as const;

/** The command `teaspoon run`. Throws SettingsError for wrong words, StartError where there is nothing to run. */
export async function run(words: string[]): Promise<number> {
  const { names, options, help } = readCommand('run', words, OPTIONS, {});
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  const variables = (options.variable as string[] | undefined) ?? [];
  const wrong = variables.find((pair) => !/^\w+=/.test(pair));
  if (wrong !== undefined)
    throw new SettingsError(`--variable ${wrong} is not KEY=VALUE. See teaspoon run --help.`);
  const work = mkdtempSync(join(tmpdir(), 'teaspoon-run-'));
  try {
    const snapshot = await takeSnapshot(process.cwd(), join(work, 'objects'));
    return await onServer(work, (options.concurrency as string | undefined) ?? '4', (url, api) =>
      runPipeline(snapshot, { url, api, names, variables }),
    );
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A server of its own below `work` for the time of `use`; a signal ends it and its jobs. */
async function onServer(
  work: string,
  concurrency: string,
  use: (url: string, api: ServerApi) => Promise<number>,
): Promise<number> {
  const flags = ['--data', join(work, 'data'), '--port', '0', '--log-level', 'error'];
  const server = await startServer(readSettings([...flags, '--runner-concurrency', concurrency], {}));
  const ended = Promise.withResolvers<number>();
  const end = () => ended.resolve(130);
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    const token = await server.makeToken('run');
    const url = server.url.replace('://', `://root:${token}@`);
    return await Promise.race([use(url, new ServerApi(server.url, token)), ended.promise]);
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await server.close();
  }
}

interface Wish {
  url: string;
  api: ServerApi;
  /** Names of the wanted jobs; none: all. */
  names: readonly string[];
  /** KEY=VALUE. */
  variables: readonly string[];
}

async function runPipeline(snapshot: Snapshot, { url, api, names, variables }: Wish): Promise<number> {
  const view = new DemoView(process.stdout);
  const name = (basename(await realpath(snapshot.root)).replace(/[^A-Za-z0-9_-]/g, '-') || 'run').replace(
    /^-+/,
    'r',
  );
  const project = encodeURIComponent(`root/${name}`);
  const repository = `${url}/root/${name}.git`;
  let sha = snapshot.sha;
  if (names.length > 0) {
    await snapshot.push(repository, sha, ['ci.skip']);
    const lint = await api.get<Lint>(
      `/projects/${project}/ci/lint?content_ref=${encodeURIComponent(snapshot.branch)}`,
    );
    if (!lint.valid || lint.merged_yaml === null) throw new StartError(lint.errors.join('\n'));
    sha = await snapshot.withFile('.gitlab-ci.yml', onlyJobs(lint.merged_yaml, names));
  }
  const said = await snapshot.push(
    repository,
    sha,
    variables.map((pair) => `ci.variable=${pair}`),
  );
  const [pipeline] = await api.get<Pipeline[]>(`/projects/${project}/pipelines?sha=${sha}`);
  if (pipeline === undefined) throw new StartError(toldBy(said));
  const status = await followPipeline(api, project, pipeline.id, view);
  const jobs = await api.get<PipelineJob[]>(
    `/projects/${project}/pipelines/${pipeline.id}/jobs?per_page=100`,
  );
  const { yaml_errors: errors } = await api.get<{ yaml_errors?: string | null }>(
    `/projects/${project}/pipelines/${pipeline.id}`,
  );
  if (errors) view.say(errors);
  view.summary(status, jobs.reverse());
  return ['success', 'manual'].includes(status) ? 0 : 1;
}

interface Lint {
  valid: boolean;
  merged_yaml: string | null;
  errors: string[];
}

/** What the server said on the push. */
function toldBy(lines: readonly string[]): string {
  const told = lines.filter((line) => line.startsWith('remote:')).map((line) => line.slice(7).trim());
  return told.filter((line) => line !== '').join('\n');
}
