import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { applyEvent } from '../../../src/pipeline/job.ts';
import { startDueJobs } from '../../../src/pipeline/timeouts.ts';
import { makeProject } from '../../people.ts';
import { type Held, type Reply, RUNNER_INFO, ScriptedRunner } from '../../scripted-runner.ts';
import type { ApiAnswer, TestServer } from '../../start-server.ts';
import type { Case, CaseState } from './cases.ts';

/** A runner that ends a cancelled job at once: the tables tell the statuses of such a one. */
const INFO = { ...RUNNER_INFO, features: { ...RUNNER_INFO.features, cancel_gracefully: false } };

export interface SeenJob {
  id: number;
  name: string;
  status: CaseState['pipeline'];
}

/**
 * A pipeline in a project of its own behind a whole server: made by a commit, moved by scripted runners and REST. Every
 * job is tagged with its name's slug, and has a runner of its own, so that a test says which job is taken.
 */
export class HttpPipeline {
  readonly #server: TestServer;
  readonly #project: string;
  readonly #projectId: number;
  readonly id: number;
  readonly #runners = new Map<string, ScriptedRunner>();
  readonly #held = new Map<number, { runner: ScriptedRunner; job: Held }>();
  #wasRunning = false;

  private constructor(server: TestServer, projectId: number, id: number) {
    this.#server = server;
    this.#projectId = projectId;
    this.#project = `/projects/${projectId}`;
    this.id = id;
  }

  static async create(server: TestServer, name: string, config: Case['config']): Promise<HttpPipeline> {
    const { id } = await makeProject(server, name, { body: { default_branch: 'master' } });
    const content = stringify({ ...config, default: { tags: ['$CI_JOB_NAME_SLUG'] } });
    const body = {
      branch: 'master',
      commit_message: 'A configuration',
      actions: [{ action: 'create', file_path: '.gitlab-ci.yml', content }],
    };
    ok(await server.api('POST', `/projects/${id}/repository/commits`, { body }));
    for (;;) {
      const [made] = ok(await server.api<{ id: number }[]>('GET', `/projects/${id}/pipelines`));
      if (made !== undefined) return new HttpPipeline(server, id, made.id);
      await pause(5);
    }
  }

  /** One event on one job. Throws when it does not apply. */
  async event(event: string, name: string): Promise<void> {
    const job = await this.#job(name);
    switch (event) {
      case 'run':
        await this.#hold(job);
        return;
      case 'success': {
        const { runner, job: held } = await this.#hold(job);
        return accepted(await runner.succeed(held));
      }
      case 'drop': {
        const { runner, job: held } = await this.#hold(job);
        return accepted(await runner.fail(held));
      }
      case 'play':
      case 'retry':
      case 'cancel':
        ok(await this.#server.api('POST', `${this.#project}/jobs/${job.id}/${event}`));
        return;
      default:
        return this.#behindTheDoor(event, job);
    }
  }

  /** What GitLab has in its web UI alone, and what time does. */
  async #behindTheDoor(event: string, job: SeenJob): Promise<void> {
    const { db } = this.#server.rooms;
    if (event === 'due') await startDueJobs(db, Date.now() + 59 * 60_000);
    else if (event === 'unschedule') {
      const done = await db.transaction((tx) => applyEvent(tx, job.id, { type: 'unschedule' }, Date.now()));
      if (!done.ok) throw new Error(`unschedule of ${job.name}: ${done.reason}`);
    } else throw new Error(`no such event: ${event}`);
  }

  async pipelineEvent(event: string): Promise<void> {
    ok(await this.#server.api('POST', `${this.#project}/pipelines/${this.id}/${event}`));
  }

  async read(): Promise<CaseState> {
    const path = `${this.#project}/pipelines/${this.id}`;
    const pipeline = ok(await this.#server.api<{ status: CaseState['pipeline'] }>('GET', path));
    const stages = await this.#server.rooms.db.read.sql
      .selectFrom('stages')
      .select(['name', 'status'])
      .where('pipeline_id', '=', this.id)
      .execute();
    return {
      pipeline: pipeline.status,
      stages: Object.fromEntries(stages.map(({ name, status }) => [name, status as SeenJob['status']])),
      jobs: Object.fromEntries((await this.jobs()).map(({ name, status }) => [name, status])),
    };
  }

  /**
   * What a case expects, as it is behind a server: cases let a job end that no runner took, here one did. The pipeline was
   * running for that moment, and one that runs does not go back to pending (ci-yaml 23).
   */
  expected(state: CaseState): CaseState {
    this.#wasRunning &&= state.pipeline === 'pending' || state.pipeline === 'running';
    return this.#wasRunning ? { ...state, pipeline: 'running' } : state;
  }

  /** Latest attempts, as the API lists them. */
  async jobs(): Promise<SeenJob[]> {
    const path = `${this.#project}/pipelines/${this.id}/jobs?per_page=100`;
    return ok(await this.#server.api<SeenJob[]>('GET', path));
  }

  async #job(name: string): Promise<SeenJob> {
    const job = (await this.jobs()).find((one) => one.name === name);
    if (job === undefined) throw new Error(`no job ${name}`);
    return job;
  }

  /** The job in its runner's hands; taken now unless it is there already. */
  async #hold({ id, name }: SeenJob): Promise<{ runner: ScriptedRunner; job: Held }> {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    const runner = await this.#runnerFor(name);
    const job = await runner.take();
    if (job.id !== id) throw new Error(`${name} is job ${id}, its runner got ${job.id}`);
    this.#wasRunning = true;
    const now = { runner, job };
    this.#held.set(id, now);
    return now;
  }

  async #runnerFor(name: string): Promise<ScriptedRunner> {
    const known = this.#runners.get(name);
    if (known !== undefined) return known;
    const body = {
      runner_type: 'project_type',
      project_id: this.#projectId,
      run_untagged: false,
      tag_list: [name.toLowerCase().replace(/[^a-z0-9]+/g, '-')],
    };
    const { token } = ok(await this.#server.api<{ token: string }>('POST', '/user/runners', { body }));
    const runner = new ScriptedRunner(this.#server.url, token, { info: INFO });
    this.#runners.set(name, runner);
    return runner;
  }
}

function ok<T>({ status, body }: ApiAnswer<T>): T {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

function accepted({ status, body }: Reply): void {
  if (status !== 200) throw new Error(`${status} ${body}`);
}
