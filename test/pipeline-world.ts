import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/db/database.ts';
import { Repositories } from '../src/git/repository.ts';
import { type CreateRequest, type CreateResult, createPipeline } from '../src/pipeline/create.ts';
import { type JobRow, latestJobs } from '../src/pipeline/job-lookup.ts';
import { changeProject } from '../src/project/change-project.ts';
import { createProject } from '../src/project/create-project.ts';
import { createUser } from '../src/project/create-user.ts';
import { Encryption } from '../src/project/encryption.ts';
import { addMember } from '../src/project/member.ts';
import { type Project, projectById } from '../src/project/project.ts';
import type { ProjectSettings } from '../src/project/project-settings.ts';
import type { User } from '../src/project/user.ts';
import { GitClient } from './git-client.ts';

/** 2023-11-14T22:13:20Z */
export const NOW = 1_700_000_000_000;
export const NO_SHA = '0'.repeat(40);

/** A project with a real repository, its owner `ada`, and everything that makes pipelines. */
export class PipelineWorld {
  readonly db: Database;
  readonly encryption: Encryption;
  readonly repositories: Repositories;
  readonly git: GitClient;
  readonly #directory: string;
  project!: Project;
  user!: User;
  now = NOW;

  private constructor(db: Database) {
    this.db = db;
    this.#directory = mkdtempSync(join(tmpdir(), 'teaspoon-world-'));
    this.encryption = Encryption.open(this.#directory);
    this.repositories = new Repositories(join(this.#directory, 'repositories'));
    this.git = new GitClient(join(this.#directory, 'work'));
  }

  static async open(db: Database): Promise<PipelineWorld> {
    const world = new PipelineWorld(db);
    world.user = await world.addUser('ada');
    world.project = await world.addProject('app');
    await world.git.ok('init', '--quiet');
    return world;
  }

  close(): void {
    this.repositories.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async addUser(username: string): Promise<User> {
    const values = { username, name: `${username} L.`, email: `${username}@example.com` };
    const result = await this.db.transaction((tx) => createUser(tx, values, NOW));
    if (!result.ok) throw new Error(`${username}: ${result.reason}`);
    return result.user;
  }

  /** A private project of `ada`, with an empty repository. */
  async addProject(path: string): Promise<Project> {
    const result = await this.db.transaction((tx) => createProject(tx, this.user, { path }, NOW));
    if (!result.ok) throw new Error(`${path}: ${result.reason}`);
    await this.repositories.create(result.project.id, 'main');
    return result.project;
  }

  async addMember(user: User, accessLevel: number): Promise<void> {
    const source = { type: 'project' as const, id: this.project.id };
    const member = { userId: user.id, accessLevel, expiresAt: null, createdById: this.user.id };
    await this.db.transaction((tx) => addMember(tx, source, member, NOW));
  }

  async changeProject(settings: ProjectSettings): Promise<void> {
    const result = await this.db.transaction((tx) => changeProject(tx, this.project, settings, this.now));
    if (!result.ok) throw new Error('the project refused its settings');
    this.project = (await projectById(this.db.read, this.project.id))!;
  }

  /** Commits files and pushes them to a ref of a project's repository; gives the commit. */
  async push(
    files: Record<string, string>,
    { message = 'a commit', ref = 'refs/heads/main', project = this.project } = {},
  ): Promise<string> {
    const sha = await this.git.commit(files, message);
    await this.git.ok('push', '--quiet', '--force', this.repositories.path(project.id), `HEAD:${ref}`);
    return sha;
  }

  /** Creates a pipeline; what is not said is a push to main by ada. */
  create(request: Partial<CreateRequest> = {}): Promise<CreateResult> {
    const defaults: CreateRequest = {
      project: this.project,
      user: this.user,
      source: 'push',
      ref: 'refs/heads/main',
      serverUrl: 'http://ci.test:8929',
      saveOnErrors: true,
    };
    return createPipeline(
      { db: this.db, encryption: this.encryption, repositories: this.repositories },
      { ...defaults, ...request },
      this.now,
    );
  }

  /** Pushes a configuration to main and creates its pipeline. */
  async pushConfig(
    config: string,
    request: Partial<CreateRequest> = {},
    message?: string,
  ): Promise<CreateResult> {
    const sha = await this.push({ '.gitlab-ci.yml': config }, message === undefined ? {} : { message });
    return this.create({ sha, ...request });
  }

  /** What is stored of a pipeline. */
  row(of: CreateResult | number) {
    const { sql } = this.db.read;
    return sql.selectFrom('pipelines').selectAll().where('id', '=', idOf(of)).executeTakeFirstOrThrow();
  }

  jobs(of: CreateResult | number): Promise<JobRow[]> {
    return latestJobs(this.db.read, idOf(of));
  }

  async jobNames(of: CreateResult | number): Promise<string[]> {
    return (await this.jobs(of)).map(({ name }) => name);
  }

  async countPipelines(): Promise<number> {
    return (await this.db.read.sql.selectFrom('pipelines').select('id').execute()).length;
  }
}

/** The id of what was created, or kept as failed or skipped. Throws where nothing was stored. */
export function idOf(of: CreateResult | number): number {
  if (typeof of === 'number') return of;
  if (!('pipelineId' in of)) throw new Error(JSON.stringify(of));
  return of.pipelineId;
}
