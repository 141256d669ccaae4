import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DemoView } from './demo-view.ts';
import { followPipeline, type Pipeline, type PipelineJob, ServerApi } from './follow-pipeline.ts';
import { keepServing } from './serve.ts';
import { startServer } from './server.ts';
import { readSettings } from './settings.ts';

const SAMPLE = new URL('../demo/sample/', import.meta.url).pathname;

/** The command `teaspoon demo`: the main job before your eyes, through the same doors that everybody uses. */
export async function demo(words: string[]): Promise<number> {
  const settings = readSettings(words, process.env);
  const server = await startServer(settings);
  const token = await server.makeToken('demo');
  const view = new DemoView(process.stdout);
  view.say(`Teaspoon listens on ${server.url}`);
  const api = new ServerApi(server.url, token);

  const path = `root/sample-${Date.now().toString(36)}`;
  await pushSample(`${server.url.replace('://', `://root:${token}@`)}/${path}.git`, view);
  const project = encodeURIComponent(path);
  const [pipeline] = await api.get<Pipeline[]>(`/projects/${project}/pipelines`);
  if (pipeline === undefined) throw new Error('the push made no pipeline');

  view.say(`Pipeline #${pipeline.id} of ${path}`);
  const status = await followPipeline(api, project, pipeline.id, view);
  const jobs = await api.get<PipelineJob[]>(`/projects/${project}/pipelines/${pipeline.id}/jobs`);
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

async function showArtifact(
  api: ServerApi,
  project: string,
  jobs: PipelineJob[],
  view: DemoView,
): Promise<void> {
  const build = jobs.find((job) => job.name === 'build');
  if (build?.status !== 'success') return;
  const greeting = await api.bytes(`/projects/${project}/jobs/${build.id}/artifacts/dist/greeting.txt`);
  view.say(`Artifact dist/greeting.txt of the job build: ${greeting.toString().trim()}`);
}
