import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitClient } from '../git-client.ts';
import { makeProject } from '../people.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import type { TestServer } from '../start-server.ts';

/** A repository of a test that is pushed to a project. */
export class Repository {
  readonly git: GitClient;
  readonly #server: TestServer;
  readonly #directory = mkdtempSync(join(tmpdir(), 'teaspoon-web-'));
  readonly path: string;
  readonly id: number;

  private constructor(server: TestServer, project: { id: number; path_with_namespace: string }) {
    this.#server = server;
    this.id = project.id;
    this.path = project.path_with_namespace;
    this.git = new GitClient(this.#directory);
  }

  /** A new project of root, with an empty repository beside it. */
  static async make(
    server: TestServer,
    name: string,
    body: Record<string, unknown> = {},
  ): Promise<Repository> {
    const repository = new Repository(server, await makeProject(server, name, { body }));
    await repository.git.ok('init', '--quiet');
    return repository;
  }

  /** Commits and pushes; gives the id of the pipeline that the push made, or null without one. */
  async push(
    files: Record<string, string>,
    { message = 'A commit', branch = 'main' }: { message?: string; branch?: string } = {},
  ): Promise<number | null> {
    const sha = await this.git.commit(files, message);
    await this.git.ok(
      'push',
      '--quiet',
      '--force',
      this.#server.gitUrl(this.path),
      `HEAD:refs/heads/${branch}`,
    );
    const { body } = await this.#server.api<{ id: number }[]>(
      'GET',
      `/projects/${this.id}/pipelines?sha=${sha}&ref=${encodeURIComponent(branch)}`,
    );
    return body[0]?.id ?? null;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A runner for everything on the server, or where `place` says, that does only what a test says. */
export async function makeRunner(
  server: TestServer,
  description = 'scripted',
  place: Record<string, unknown> = { runner_type: 'instance_type' },
): Promise<ScriptedRunner> {
  const { body, status } = await server.api<{ token: string }>('POST', '/user/runners', {
    body: { ...place, description },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return new ScriptedRunner(server.url, body.token);
}

/** What happens to a job that the runner takes, by its name: absent means it succeeds. */
export type Script = (job: Held) => 'success' | 'failed' | 'hold';

/** What gitlab-runner 19 writes where a job's script begins, with what the job says. */
function logOf(job: Held): string {
  const stamp = '2026-01-02T03:04:05.678901Z';
  const begin = `${stamp} 00O section_start:1767323045:step_script\r\x1b[0K`;
  return `${begin}\n${stamp} 00O+\x1b[36;1mScript\x1b[0;m\n${stamp} 01O $ make ${job.payload.job_info.name}\n`;
}

/** Lets the runner take all jobs there are and end them as the script says; gives those that it holds. */
export async function run(runner: ScriptedRunner, script: Script = () => 'success'): Promise<Held[]> {
  const held: Held[] = [];
  for (;;) {
    runner.lastUpdate = null;
    const { job, status } = await runner.request();
    if (status === 409) continue;
    if (job === null) return held;
    const outcome = script(job);
    await runner.append(job, logOf(job));
    if (outcome === 'success') await runner.succeed(job);
    else if (outcome === 'failed') await runner.fail(job);
    else held.push(job);
  }
}
