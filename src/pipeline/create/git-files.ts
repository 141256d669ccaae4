import type { ConfigFiles, FileContext, FileResult } from '../../config/files.ts';
import type { Reading } from '../../db/transaction.ts';
import { blobInfo, listPaths, readBlob } from '../../git/blob.ts';
import { changedPaths, mergeBase } from '../../git/diff.ts';
import { listTags, resolve } from '../../git/refs.ts';
import type { Repositories } from '../../git/repository.ts';
import { may, viewerOf } from '../../project/authorize.ts';
import type { Caller } from '../../project/caller.ts';
import {
  type OutboundFailure,
  type OutboundPolicy,
  type OutboundResult,
  sendOutbound,
} from '../../project/outbound.ts';
import { findProject, type Project } from '../../project/project.ts';

import { componentPaths, isVersionRange, newestVersion, readComponentAddress } from './component.ts';

type Component = Extract<Awaited<ReturnType<ConfigFiles['readComponent']>>, { ok: true }>['value'];

/** What is larger than this is not read at all; the compiler refuses far smaller files with a text of its own. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Security NET-4. */
const MAX_REMOTE_BYTES = 1024 * 1024;
const REMOTE_ATTEMPTS = 3;

/** All that a user learns of an answer that did not come (security NET-6). */
const UNREACHED: Record<OutboundFailure, string> = {
  blocked: 'its address is blocked',
  unreachable: 'of a socket error',
  too_large: 'it is too large',
};

/** Where and for whom the files of one pipeline's configuration are read. */
export interface GitFilesOptions {
  /** Files of earlier jobs, where a child pipeline is made. */
  readArtifact: ConfigFiles['readArtifact'] | undefined;
  reading: Reading;
  repositories: Repositories;
  /** Whose right to read other projects counts. */
  caller: Caller;
  project: Project;
  sha: string;
  /** What a push replaced; null when there is nothing to compare with. */
  comparedTo: string | null;
  /** Paths that count as changed whatever they are compared with; null: those that git says. */
  changedPaths: readonly string[] | null;
  serverUrl: string;
  /** What remote includes may reach. */
  outbound: OutboundPolicy;
  now: number;
}

/** Configuration files out of git, each read once for one pipeline. */
export class GitFiles implements ConfigFiles {
  readonly #options: GitFilesOptions;
  readonly #projectIds: Map<string, number>;
  readonly #trees = new Map<string, Promise<string[]>>();
  readonly #changes = new Map<string | null, Promise<FileResult<string[] | null>>>();

  /** Only where a child pipeline is made. */
  readonly readArtifact?: ConfigFiles['readArtifact'] & {};

  constructor(options: GitFilesOptions) {
    this.#options = options;
    if (options.readArtifact !== undefined) this.readArtifact = options.readArtifact;
    this.#projectIds = new Map([[options.project.fullPath, options.project.id]]);
  }

  async readLocal(context: FileContext, path: string): Promise<string | null> {
    const { repositories } = this.#options;
    const { projectId, sha } = this.#place(context);
    const info = await blobInfo(repositories, projectId, sha, path);
    if (info === null || info.size > MAX_FILE_BYTES) return null;
    const blob = await readBlob(repositories, projectId, sha, path);
    return blob?.toString('utf8') ?? null;
  }

  listPaths(context: FileContext): Promise<string[]> {
    const { projectId, sha } = this.#place(context);
    const key = `${projectId}:${sha}`;
    let paths = this.#trees.get(key);
    if (paths === undefined) {
      paths = listPaths(this.#options.repositories, projectId, sha);
      this.#trees.set(key, paths);
    }
    return paths;
  }

  /** A project that the user may not read looks like one that is not there (security AUTHZ-1). */
  async openProject(path: string, ref: string | null): Promise<FileResult<FileContext>> {
    const project = await this.#readableProject(path);
    if (project === null) {
      const hint = 'Make sure any includes in the pipeline configuration are correctly defined.';
      return { ok: false, message: `Project \`${path}\` not found or access denied! ${hint}` };
    }
    const sha = await resolve(this.#options.repositories, project.id, ref ?? 'HEAD');
    if (sha === null) {
      return { ok: false, message: `Project \`${path}\` reference \`${ref ?? 'HEAD'}\` does not exist!` };
    }
    this.#projectIds.set(project.fullPath, project.id);
    return { ok: true, value: { project: project.fullPath, sha } };
  }

  async readRemote(url: string): Promise<FileResult<string>> {
    const failed = (why: string) => ({
      ok: false as const,
      message: `Remote file \`${url}\` could not be fetched because ${why}!`,
    });
    const answer = await this.#fetch(url);
    if (!answer.ok) return failed(UNREACHED[answer.reason]);
    if (answer.status !== 200) return failed(`of HTTP code \`${answer.status}\` error`);
    return { ok: true, value: answer.body.toString('utf8') };
  }

  /** No templates are bundled. */
  async readTemplate(): Promise<null> {
    return null;
  }

  /** Of this server only; why there is none is not told (security AUTHZ-1). */
  async readComponent(address: string): Promise<FileResult<Component>> {
    const value = await this.#component(address);
    return value === null
      ? { ok: false, message: `Component '${address}' - content not found` }
      : { ok: true, value };
  }

  async changedPaths(compareTo: string | null): Promise<FileResult<string[] | null>> {
    const given = this.#options.changedPaths;
    if (given !== null) return { ok: true, value: [...given] };
    let changes = this.#changes.get(compareTo);
    if (changes === undefined) {
      changes = compareTo === null ? this.#pushed() : this.#since(compareTo);
      this.#changes.set(compareTo, changes);
    }
    return changes;
  }

  urls({ project, sha }: FileContext, path: string): { blob: string; raw: string } {
    const base = `${this.#options.serverUrl}/${project}/-`;
    return { blob: `${base}/blob/${sha}/${path}`, raw: `${base}/raw/${sha}/${path}` };
  }

  /** Again when the other side has trouble of its own (ci-yaml 4). */
  async #fetch(url: string): Promise<OutboundResult> {
    for (let attempt = 1; ; attempt++) {
      const request = { url, maxBytes: MAX_REMOTE_BYTES, followRedirects: true };
      const answer = await sendOutbound(request, this.#options.outbound);
      const troubled = answer.ok ? answer.status >= 500 : answer.reason === 'unreachable';
      if (!troubled || attempt === REMOTE_ATTEMPTS) return answer;
    }
  }

  async #component(text: string): Promise<Component | null> {
    const address = readComponentAddress(text);
    if (address === null || !isThisHost(this.#options.serverUrl, address.host)) return null;
    const project = await this.#readableProject(address.project);
    if (project === null) return null;
    const { name } = address;
    const version = await this.#componentVersion(project.id, address.version);
    const sha = await resolve(this.#options.repositories, project.id, version);
    if (sha === null) return null;
    this.#projectIds.set(project.fullPath, project.id);
    const context = { project: project.fullPath, sha };
    for (const path of componentPaths(name)) {
      const content = await this.readLocal(context, path);
      if (content !== null) return { content, path, context, name, version, sha };
    }
    return null;
  }

  /** What is not the beginning of a version's number is the name of a ref, or a commit. */
  async #componentVersion(projectId: number, version: string): Promise<string> {
    if (!isVersionRange(version)) return version;
    const tags = await listTags(this.#options.repositories, projectId);
    const names = tags.map(({ name }) => name);
    return newestVersion(names, version) ?? version;
  }

  async #readableProject(path: string): Promise<Project | null> {
    const { reading, caller, now } = this.#options;
    const found = await findProject(reading, path);
    if (found.kind === 'missing') return null;
    const viewer = await viewerOf(reading, caller, found.project, now);
    return may(viewer, 'download_code') ? found.project : null;
  }

  /** What the push changed; a commit it replaced may be gone, then there is nothing to compare with. */
  async #pushed(): Promise<FileResult<string[] | null>> {
    const { repositories, project, sha, comparedTo } = this.#options;
    const known = comparedTo === null ? null : await resolve(repositories, project.id, comparedTo);
    const value = known === null ? null : await changedPaths(repositories, project.id, known, sha);
    return { ok: true, value };
  }

  /** Against the newest commit that both have (ci-yaml 10.3). */
  async #since(compareTo: string): Promise<FileResult<string[]>> {
    const { repositories, project, sha } = this.#options;
    const other = await resolve(repositories, project.id, compareTo);
    if (other === null) return { ok: false, message: 'rules:changes:compare_to is not a valid ref' };
    const base = (await mergeBase(repositories, project.id, other, sha)) ?? other;
    return { ok: true, value: await changedPaths(repositories, project.id, base, sha) };
  }

  #place({ project, sha }: FileContext): { projectId: number; sha: string } {
    const projectId = this.#projectIds.get(project);
    if (projectId === undefined || sha === null) throw new Error(`${project} was never opened`);
    return { projectId, sha };
  }
}

/** Whether an address means this server, with or without its port. */
function isThisHost(serverUrl: string, host: string): boolean {
  const own = new URL(serverUrl);
  return [own.host, own.hostname].includes(host.toLowerCase());
}
