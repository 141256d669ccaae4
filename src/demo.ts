import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DemoView } from './demo-view.ts';
import { keepServing } from './serve.ts';
import { startServer } from './server.ts';
import { readSettings } from './settings.ts';

const SAMPLE = new URL('../demo/sample/', import.meta.url).pathname;
const POLL_MS = 150;

interface Pipeline {
  id: number;
  status: string;
  web_url: string;
}
export interface DemoJob {
  id: number;
  name: string;
  stage: string;
  status: string;
  duration: number | null;
  allow_failure: boolean;
}

/** The command `teaspoon demo`: the main job before your eyes, through the same doors that everybody uses. */
export async function demo(words: string[]): Promise<number> {
  const settings = readSettings(words, process.env);
  const server = await startServer(settings);
  const token = await server.makeToken('demo');
  const view = new DemoView(process.stdout);
  view.say(`Teaspoon listens on ${server.url}`);
  const api = new DemoApi(server.url, token);

  const path = `root/sample-${Date.now().toString(36)}`;
  await pushSample(`${server.url.replace('://', `://root:${token}@`)}/${path}.git`, view);
  const project = encodeURIComponent(path);
  const [pipeline] = await api.get<Pipeline[]>(`/projects/${project}/pipelines`);
  if (pipeline === undefined) throw new Error('the push made no pipeline');

  view.say(`Pipeline #${pipeline.id} of ${path}`);
  const status = await watch(api, project, pipeline.id, view);
  const jobs = await api.get<DemoJob[]>(`/projects/${project}/pipelines/${pipeline.id}/jobs`);
  view.summary(status, jobs.reverse());
  await showArtifact(api, project, jobs, view);
  view.say(`
Where to look
  pipeline   ${pipeline.web_url}
  jobs       curl -H "PRIVATE-TOKEN: ${token}" ${server.url}/api/v4/projects/${project}/jobs
  a log      curl -H "PRIVATE-TOKEN: ${token}" ${server.url}/api/v4/projects/${project}/jobs/${jobs[0]?.id}/trace
The token is good for a day. The server keeps serving; press Ctrl-C to end it.`);
  return keepServing(server);
}

/** Makes a repository of the sample and pushes it with real git; what the server says on the push is shown. */
async function pushSample(url: string, view: DemoView): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-sample-'));
  const git = (...words: string[]) =>
    promisify(execFile)(
      'git',
      ['-c', 'user.name=Teaspoon', '-c', 'user.email=demo@teaspoon.invalid', ...words],
      {
        cwd: directory,
      },
    );
  try {
    cpSync(SAMPLE, directory, { recursive: true });
    await git('init', '--quiet', '--initial-branch=main', '.');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'A first pipeline');
    view.say(`git push ${url.replace(/:[^:@/]+@/, ':<token>@')} main`);
    const { stderr } = await git('push', url, 'main');
    for (const line of stderr.split('\n')) {
      if (line.startsWith('remote:')) view.say(line.trimEnd());
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Follows every job and its log until nothing moves any more; gives the pipeline's status. */
async function watch(api: DemoApi, project: string, id: number, view: DemoView): Promise<string> {
  const shown = new Map<number, number>();
  for (;;) {
    const { status } = await api.get<Pipeline>(`/projects/${project}/pipelines/${id}`);
    const jobs = await api.get<DemoJob[]>(`/projects/${project}/pipelines/${id}/jobs`);
    for (const job of jobs.reverse()) {
      view.job(job);
      if (['created', 'pending', 'manual', 'skipped'].includes(job.status)) continue;
      const log = await api.bytes(`/projects/${project}/jobs/${job.id}/trace`);
      const ended = job.status !== 'running';
      shown.set(job.id, view.log(job, log, shown.get(job.id) ?? 0, ended));
    }
    if (['success', 'failed', 'canceled', 'skipped', 'manual'].includes(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function showArtifact(api: DemoApi, project: string, jobs: DemoJob[], view: DemoView): Promise<void> {
  const build = jobs.find((job) => job.name === 'build');
  if (build?.status !== 'success') return;
  const greeting = await api.bytes(`/projects/${project}/jobs/${build.id}/artifacts/dist/greeting.txt`);
  view.say(`Artifact dist/greeting.txt of the job build: ${greeting.toString().trim()}`);
}

/** The public API, as any client sees it. */
class DemoApi {
  readonly #base: string;
  readonly #token: string;
  constructor(url: string, token: string) {
    this.#base = `${url}/api/v4`;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.bytes(path)).toString()) as T;
  }

  async bytes(path: string): Promise<Buffer> {
    const response = await fetch(this.#base + path, { headers: { 'PRIVATE-TOKEN': this.#token } });
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${body}`);
    return body;
  }
}
