import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitClient } from '../../git-client.ts';
import { type Held, ScriptedRunner } from '../../scripted-runner.ts';
import { until } from '../../until.ts';
import { must, type Target } from './target.ts';

/** Members of every project, by the name that cases call them. */
const LEVELS = { guest: 10, planner: 15, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const;

/** Users of every role on one server, and projects made for cases; everything through HTTP and git. */
export class World {
  readonly target: Target;
  /** Distinguishes this run on a server that lives on. */
  readonly run = randomBytes(3).toString('hex');
  /** Token by user: the roles, `stranger`, `admin`. */
  readonly tokens = new Map<string, string>();
  readonly #userIds = new Map<string, number>();
  readonly #directory: string;
  readonly #git: GitClient;
  #projects = 0;

  private constructor(target: Target) {
    this.target = target;
    this.#directory = mkdtempSync(join(tmpdir(), 'teaspoon-conformance-'));
    this.#git = new GitClient(this.#directory);
  }

  static async open(target: Target): Promise<World> {
    const world = new World(target);
    world.tokens.set('admin', target.token);
    for (const name of [...Object.keys(LEVELS), 'stranger']) await world.#addUser(name);
    await world.#git.ok('init', '-q');
    return world;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The name of a user on the server. */
  username(name: string): string {
    return `${name}-${this.run}`;
  }

  userId(name: string): number {
    return this.#userIds.get(name)!;
  }

  async #addUser(name: string): Promise<void> {
    const username = this.username(name);
    const user = await must<{ id: number }>(this.target, 'POST', '/users', {
      username,
      name: `The ${name}`,
      email: `${username}@example.com`,
      force_random_password: true,
      skip_confirmation: true,
    });
    const token = await must<{ token: string }>(
      this.target,
      'POST',
      `/users/${user.id}/personal_access_tokens`,
      { name: 'conformance', scopes: ['api'] },
    );
    this.#userIds.set(name, user.id);
    this.tokens.set(name, token.token);
  }

  /** A project with a member of every role and a runner of its own. `parameters` are those of POST /projects. */
  async addProject(parameters: Record<string, unknown> = {}): Promise<CaseProject> {
    const path = `conformance-${this.run}-${++this.#projects}`;
    const project = await must<{ id: number; path_with_namespace: string }>(
      this.target,
      'POST',
      '/projects',
      { name: path, path, ...parameters },
    );
    for (const [name, level] of Object.entries(LEVELS)) {
      const body = { user_id: this.userId(name), access_level: level };
      await must(this.target, 'POST', `/projects/${project.id}/members`, body);
    }
    const runner = await must<{ token: string }>(this.target, 'POST', '/user/runners', {
      runner_type: 'project_type',
      project_id: project.id,
      run_untagged: true,
    });
    return new CaseProject(this, project.id, project.path_with_namespace, runner.token);
  }

  /** Pushes one commit with these files to a branch or tag of a project; its id. */
  async push(path: string, ref: string, files: Record<string, string>): Promise<string> {
    const git = this.#git;
    await git.run('checkout', '-q', '--orphan', `o${randomBytes(4).toString('hex')}`);
    await git.run('rm', '-rfq', '--cached', '.');
    const sha = await git.commit(files, 'A commit');
    const url = `${this.target.url.replace('://', `://root:${this.target.token}@`)}/${path}.git`;
    await git.ok('push', '-q', '--force', url, `HEAD:${ref}`);
    return sha;
  }
}

interface ListedJob {
  id: number;
  name: string;
}

/** A project of a case, and what happened in it: names for ids, jobs in the runner's hands. */
export class CaseProject {
  readonly world: World;
  readonly id: number;
  readonly path: string;
  readonly runner: ScriptedRunner;
  /** Jobs that the runner holds, by name. */
  readonly held = new Map<string, Held>();
  /** What `$name` stands for in cases. */
  readonly names: Record<string, string | number> = {};

  constructor(world: World, id: number, path: string, runnerToken: string) {
    this.world = world;
    this.id = id;
    this.path = path;
    this.runner = new ScriptedRunner(world.target.url, runnerToken);
    this.names = {
      project: id,
      path: encodeURIComponent(path),
      plainPath: path,
      base: world.target.url,
      runner: runnerToken,
      ...Object.fromEntries([...world.tokens.keys()].map((name) => [`${name}Name`, world.username(name)])),
    };
  }

  /** A view on the same project for one case, with names and held jobs of its own beside the shared ones. */
  fork(): CaseProject {
    const copy = new CaseProject(this.world, this.id, this.path, this.runner.token);
    Object.assign(copy.names, this.names);
    for (const [name, job] of this.held) copy.held.set(name, job);
    return copy;
  }

  /** Pushes a configuration and waits for its pipeline: `$pipeline`, `$sha`, `$ref`, and `$<job>` for each job. */
  async pipeline(config: string, ref: string, files: Record<string, string> = {}): Promise<void> {
    const full = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
    const sha = await this.world.push(this.path, full, { '.gitlab-ci.yml': config, ...files });
    const short = full.replace(/^refs\/(heads|tags)\//, '');
    const pipeline = await until(`a pipeline of ${short}`, async () => {
      const path = `/projects/${this.id}/pipelines?sha=${sha}&ref=${encodeURIComponent(short)}`;
      const [newest] = await must<{ id: number; iid: number }[]>(this.world.target, 'GET', path);
      return newest;
    });
    Object.assign(this.names, { pipeline: pipeline.id, iid: pipeline.iid, sha, ref: short });
    await this.nameJobs();
  }

  /** Gives the latest attempts of the pipeline's jobs and bridges their names. */
  async nameJobs(): Promise<void> {
    const base = `/projects/${this.id}/pipelines/${this.names.pipeline}`;
    for (const kind of ['jobs', 'bridges']) {
      const path = `${base}/${kind}?per_page=100`;
      for (const job of await must<ListedJob[]>(this.world.target, 'GET', path)) {
        this.names[job.name.replace(/\W/g, '_')] = job.id;
      }
    }
  }

  /** The named job in the runner's hands; jobs that come before it are taken and kept too. */
  async take(name: string): Promise<Held> {
    for (;;) {
      const known = this.held.get(name);
      if (known !== undefined && known.id === (this.names[name] ?? known.id)) return known;
      this.runner.lastUpdate = null;
      const asked = await this.runner.request();
      if (asked.job === null && asked.status !== 409) {
        throw new Error(`the runner gets no job ${name}: ${asked.status} ${asked.body}`);
      }
      if (asked.job !== null) this.held.set(asked.job.payload.job_info.name, asked.job);
    }
  }
}
