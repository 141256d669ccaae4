import { CaseProject, World } from '../conformance/jobs-api/world.ts';
import { craftZip } from '../craft-zip.ts';
import { ROOT_TOKEN, type TestServer } from '../start-server.ts';

const CONFIG = `
stages: [one, two]
build: {stage: one, script: [x], tags: [], artifacts: {paths: [dist]}}
broken: {stage: one, script: [x], allow_failure: true}
held: {stage: one, script: [x], when: manual}
waiting: {stage: one, script: [x], tags: [nobody]}
running: {stage: one, script: [x]}
down: {stage: two, trigger: {include: child.yml}}
`;

/** A project as a client meets it: a pipeline with a job of every kind, logs, artifacts and a test report. */
export interface ClientSite {
  server: TestServer;
  url: string;
  token: string;
  project: CaseProject;
  /** Token of the running job. */
  jobToken: string;
  close(): void;
}

/** Content of the build's log and of its artifacts. */
export const LOG = 'section_start:1:x\r\u001b[0Kbuilding – with “every” byte\n';
export const FILES = { 'dist/bin.dat': '\u0000\u0001binär', 'dist/notes.txt': 'notes\n' };

export async function openClientSite(server: TestServer): Promise<ClientSite> {
  const world = await World.open({ url: server.url, token: ROOT_TOKEN });
  const project = await world.addProject();
  await project.pipeline(CONFIG, 'main', { 'child.yml': 'inner: {script: [x]}' });
  const running = await project.take('running');
  const build = await project.take('build');
  await project.runner.append(build, LOG);
  const bytes = craftZip(Object.entries(FILES).map(([name, data]) => ({ name, data })));
  await project.runner.upload(build, { bytes });
  await project.runner.succeed(build);
  await project.runner.fail(await project.take('broken'));
  await project.pipeline('build: {script: [x], artifacts: {paths: [dist]}}', 'released');
  const released = await project.take('build');
  await project.runner.upload(released, { bytes });
  await project.runner.succeed(released);
  const first = new CaseProject(world, project.id, project.path, project.runner.token);
  const [, older] = await pipelines(server, project.id);
  first.names.pipeline = older!.id;
  await first.nameJobs();
  return {
    server,
    url: server.url,
    token: ROOT_TOKEN,
    project: first,
    jobToken: running.token,
    close: () => world.close(),
  };
}

/** What scripts in other languages are told of the site, in the environment as `SITE`. */
export function siteForScripts({ url, token, project: { names, path } }: ClientSite): string {
  const { pipeline } = names;
  return JSON.stringify({ url, token, path, pipeline, jobs: names, log: LOG, files: FILES });
}

async function pipelines(server: TestServer, projectId: number): Promise<{ id: number }[]> {
  return (await server.api<{ id: number }[]>('GET', `/projects/${projectId}/pipelines`)).body;
}
