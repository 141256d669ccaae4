import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JOINT, STAMP } from '../../src/trace/line.ts';
import { GitClient } from '../git-client.ts';
import type { TestServer } from '../start-server.ts';
import { until } from '../until.ts';
import type { RunnerConfig, RunnerProgram } from './runner-program.ts';

export interface SiteJob {
  id: number;
  name: string;
  status: string;
  failure_reason?: string;
  allow_failure: boolean;
  artifacts: { file_type: string; filename: string; file_format: string | null }[];
  artifacts_expire_at: string | null;
  runner: { id: number; description: string } | null;
  finished_at: string | null;
}

type Server = Pick<TestServer, 'api' | 'gitUrl' | 'url'>;

/** Projects on a server and real runners that work for it; `leave` removes what it made outside the server. */
export class RunnerSite<Program extends RunnerProgram = RunnerProgram> {
  readonly server: Server;
  readonly #make: () => Program;
  readonly #runners: Program[] = [];
  readonly #directories: string[] = [];

  /** `make`: a runner program of the make that works here. */
  constructor(server: Server, make: () => Program) {
    this.server = server;
    this.#make = make;
  }

  /** Makes an instance runner and gives its token. */
  async runnerToken(more: Record<string, unknown> = {}): Promise<string> {
    const { body } = await this.server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type', description: 'real', ...more },
    });
    return body.token;
  }

  /** A runner that is not started yet. */
  runner(): Program {
    const runner = this.#make();
    this.#runners.push(runner);
    return runner;
  }

  /** A started runner for the whole instance. */
  async start(config: Partial<RunnerConfig> = {}): Promise<Program> {
    const runner = this.runner();
    runner.configure({ url: this.server.url, token: await this.runnerToken(), ...config });
    await runner.start();
    return runner;
  }

  /** A working directory with one commit for each entry. */
  async prepare(...commits: Record<string, string>[]): Promise<GitClient> {
    const directory = mkdtempSync(join(tmpdir(), 'teaspoon-pushed-'));
    this.#directories.push(directory);
    const git = new GitClient(directory);
    await git.ok('init', '-q', '.');
    for (const [number, files] of commits.entries()) await git.commit(files, `Commit ${number}`);
    return git;
  }

  /** Pushes commits with these files as the new project `root/<name>`. */
  async push(name: string, ...commits: Record<string, string>[]): Promise<GitClient> {
    const git = await this.prepare(...commits);
    await git.ok('push', '-q', this.server.gitUrl(`root/${name}`), 'main');
    return git;
  }

  /** The newest jobs of a project by name, retried ones left out. */
  async jobs(name: string): Promise<Map<string, SiteJob>> {
    const { body } = await this.server.api<SiteJob[]>('GET', `/projects/root%2F${name}/jobs?per_page=100`);
    return new Map(body.reverse().map((job) => [job.name, job]));
  }

  /** Waits until the project's job has one of these statuses. */
  job(name: string, job: string, ...statuses: string[]): Promise<SiteJob> {
    return until(
      `job ${job} of ${name} to be ${statuses}`,
      async () => {
        const found = (await this.jobs(name)).get(job);
        return found !== undefined && statuses.includes(found.status) ? found : undefined;
      },
      { limitMs: 120_000, pauseMs: 100 },
    );
  }

  /** What a job said; the stamps with which gitlab-runner 19 begins each line are left out. */
  async log(name: string, jobId: number): Promise<string> {
    return saidIn((await this.server.api('GET', `/projects/root%2F${name}/jobs/${jobId}/trace`)).bytes);
  }

  /** Waits until the log has this text. */
  async logHas(name: string, jobId: number, text: string): Promise<void> {
    await until(
      `${JSON.stringify(text)} in the log of job ${jobId}`,
      async () => (await this.log(name, jobId)).includes(text) || undefined,
      { limitMs: 120_000, pauseMs: 100 },
    );
  }

  /** Ends a project's newest pipeline: waits for it and gives its status. */
  async pipeline(name: string): Promise<{ id: number; status: string }> {
    return until(
      `the pipeline of ${name} to end`,
      async () => {
        const { body } = await this.server.api<{ id: number; status: string }[]>(
          'GET',
          `/projects/root%2F${name}/pipelines`,
        );
        const [newest] = body;
        if (newest === undefined || ['created', 'pending', 'running'].includes(newest.status))
          return undefined;
        return newest;
      },
      { limitMs: 150_000, pauseMs: 250 },
    );
  }

  async leave(): Promise<void> {
    for (const runner of this.#runners) await runner.remove();
    for (const directory of this.#directories) rmSync(directory, { recursive: true, force: true });
  }
}

const STAMPS = new RegExp(STAMP, 'gm');

/** The text of a log without stamps. */
export function saidIn(log: Buffer): string {
  return log.toString().replace(JOINT, '').replace(STAMPS, '');
}
