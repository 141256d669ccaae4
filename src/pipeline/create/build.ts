import { readCommit } from '../../git/commit.ts';
import { branchHead, tagCommit } from '../../git/refs.ts';
import type { Caller } from '../../project/caller.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { outboundPolicy } from '../../project/outbound.ts';
import { isProtected, protectionOf } from '../../project/protected-ref.ts';
import { type JobVariable, secretVariables } from '../../project/variable.ts';
import { isFrozen } from '../freeze-period.ts';
import type { CreateDeps, CreateRequest, Creation } from './creation.ts';
import { GitFiles } from './git-files.ts';
import { readPushOptions } from './push-options.ts';
import { tagMessage } from './tag-message.ts';

const NO_SHA = '0'.repeat(40);

/** Looks up what the steps will ask about: the ref, its commit, its protection (the `build` of ci-yaml 21). */
export async function build(deps: CreateDeps, request: CreateRequest, now: number): Promise<Creation> {
  const { project } = request;
  const { repositories, db } = deps;
  const settings = await instanceSettings(db.read);
  const protection = await protectionOf(db.read, project.id);
  const { ref, tag, heads, exists } = await findRef(deps, request);
  const revision = request.sha ?? heads.find((sha) => sha !== null) ?? null;
  const commit = revision === null ? null : await readCommit(repositories, project.id, revision);
  const sha = commit?.sha ?? NO_SHA;
  const beforeSha = request.beforeSha ?? NO_SHA;
  const options = readPushOptions(request.pushOptions ?? []);
  const message = tag && exists.tag ? await tagMessage(repositories, project.id, ref) : null;
  const isProtectedRef = isProtected(protection, tag ? 'tag' : 'branch', ref);
  const memo = new Map<string | null, Promise<readonly JobVariable[]>>();
  return {
    deps,
    request,
    now,
    settings,
    ref,
    tag,
    exists,
    commit,
    protection,
    facts: {
      serverUrl: request.serverUrl,
      project,
      ref,
      tag,
      sha,
      beforeSha,
      protected: isProtectedRef,
      source: request.source,
      createdAt: now,
      name: null,
      commit,
      frozen: await isFrozen(db.read, project.id, now),
      origin: { ...(message === null ? {} : { tagMessage: message }), ...request.origin },
    },
    options,
    variables: [...(request.variables ?? []), ...options.variables],
    inputs: { ...options.inputs, ...request.inputs },
    files: new GitFiles({
      readArtifact: request.readArtifact,
      reading: db.read,
      repositories,
      caller: callerOf(request),
      project,
      sha,
      comparedTo: beforeSha === NO_SHA || tag ? null : beforeSha,
      changedPaths: request.changedPaths ?? null,
      serverUrl: request.serverUrl,
      outbound: outboundPolicy(settings),
      now,
    }),
    secretsFor: (environment) => {
      let secrets = memo.get(environment);
      if (secrets === undefined) {
        secrets = secretVariables(db.read, deps.encryption, project, {
          protectedRef: isProtectedRef,
          environment,
        });
        memo.set(environment, secrets);
      }
      return secrets;
    },
    content: null,
    compiled: null,
    config: null,
    rootVariables: {},
    autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' },
    jobs: [],
    name: null,
  };
}

/** Who acts: the user with all that he may, unless a job's token narrows it. */
export function callerOf({ caller, user }: CreateRequest): Caller {
  return caller ?? { kind: 'user', user, tokenId: null, scopes: [] };
}

/** A full name asks for one kind of ref, a short one for both. */
async function findRef({ repositories }: CreateDeps, { project, ref }: CreateRequest) {
  const kind = ref.startsWith('refs/heads/') ? 'branch' : ref.startsWith('refs/tags/') ? 'tag' : null;
  const name =
    kind === null ? ref : ref.slice(kind === 'branch' ? 'refs/heads/'.length : 'refs/tags/'.length);
  const branch = kind === 'tag' ? null : await branchHead(repositories, project.id, name);
  const tagged = kind === 'branch' ? null : await tagCommit(repositories, project.id, name);
  return {
    ref: name,
    tag: kind === 'tag' || (branch === null && tagged !== null),
    heads: [branch, tagged],
    exists: { branch: branch !== null, tag: tagged !== null },
  };
}
