import type { CompiledConfig, ConfigMessage, IncludedFile } from '../config/compiled.ts';
import { maskText } from '../config/mask-text.ts';
import { may, viewerOf } from '../project/authorize.ts';
import type { Caller } from '../project/caller.ts';
import type { Project } from '../project/project.ts';
import type { User } from '../project/user.ts';
import { type JobVariable, secretVariables } from '../project/variable.ts';
import { build } from './create/build.ts';
import { yaml } from './create/configuration.ts';
import { configContent } from './create/content.ts';
import type { CreateDeps, Creation, GivenVariable, PipelineSource, PlannedJob } from './create/creation.ts';
import { runSequence } from './create/sequence.ts';

/** What is to be checked, and the pipeline that it is imagined in. */
export interface LintRequest {
  project: Project;
  caller: Caller;
  /** Text of the configuration; absent: the project's own at `sha`. */
  content?: string;
  /** Commit of the project's own configuration and its local files; absent: that of the ref. */
  sha?: string;
  /** Branch or tag of the imagined pipeline. */
  ref: string;
  /** Applies rules and checks what only a pipeline shows, as creating one would. */
  dryRun: boolean;
  source: PipelineSource;
  variables: readonly GivenVariable[];
  /** What `changes` is compared with; absent: nothing is known, and `changes` holds. */
  changedPaths?: readonly string[];
  /** External base URL without trailing slash. */
  serverUrl: string;
}

export interface LintResult {
  errors: ConfigMessage[];
  warnings: ConfigMessage[];
  mergedYaml: string | null;
  /** Null when the configuration was not even read. */
  includes: IncludedFile[] | null;
  jobs: LintedJobs;
}

export type LintedJobs =
  | { kind: 'none' }
  /** As they are written. */
  | { kind: 'static'; config: CompiledConfig }
  /** As their rules leave them. */
  | { kind: 'dry_run'; jobs: PlannedJob[] };

/**
 * Checks a configuration without making a pipeline (rest-resources 8). The caller's right to ask is checked before; what
 * the configuration may read is his. `now` is in milliseconds. Throws only when git or the database fails.
 */
export async function lint(deps: CreateDeps, request: LintRequest, now: number): Promise<LintResult> {
  const own = request.dryRun && request.content === undefined;
  const asked = own ? { ...request, content: await ownContent(deps, request, now) } : request;
  const creation = await imagine(deps, asked, now);
  const outcome = request.dryRun ? await tryOut(creation) : await check(creation);
  const secrets = (await creation.secretsFor(null)).filter(({ masked }) => masked);
  return masked(
    outcome,
    secrets.map(({ value }) => value),
  );
}

/** A pipeline in the making that stores nothing and knows no more secrets than its user could make a job print. */
async function imagine(deps: CreateDeps, request: LintRequest, now: number): Promise<Creation> {
  const { caller, project, content, dryRun, sha, changedPaths } = request;
  const creation = await build(
    deps,
    {
      project,
      caller,
      user: caller.kind === 'anonymous' ? NOBODY : caller.user,
      source: request.source,
      ref: request.ref,
      serverUrl: request.serverUrl,
      variables: request.variables,
      saveOnErrors: false,
      dryRun: true,
      ...(content === undefined ? {} : { config: content }),
      ...(sha === undefined || dryRun ? {} : { sha }),
      ...(changedPaths === undefined ? {} : { changedPaths }),
    },
    now,
  );
  return { ...creation, secretsFor: await secretsOf(creation) };
}

/**
 * A text that anybody sends can put a secret into an address that it includes. So it gets those that its user could have
 * in a job on this ref, those of open refs where he may run jobs only there, and none where he may run no job
 * (security AUTHZ-7, NET-5).
 */
async function secretsOf(creation: Creation): Promise<Creation['secretsFor']> {
  const { deps, request, protection, now, ref, tag } = creation;
  const viewer = await viewerOf(deps.db.read, request.caller!, request.project, now);
  if (may(viewer, 'create_pipeline', { ref: { name: ref, tag, protection } })) return creation.secretsFor;
  if (!may(viewer, 'create_pipeline')) return async (): Promise<JobVariable[]> => [];
  return (environment) =>
    secretVariables(deps.db.read, deps.encryption, request.project, { protectedRef: false, environment });
}

/** The project's configuration; one that is not there is as good as an empty one. */
async function ownContent(deps: CreateDeps, request: LintRequest, now: number): Promise<string> {
  const creation = await imagine(deps, { ...request, dryRun: false }, now);
  await configContent(creation);
  return creation.content?.text ?? '';
}

async function check(creation: Creation): Promise<LintResult> {
  await configContent(creation);
  creation.content ??= { text: '', path: '.gitlab-ci.yml' };
  await yaml(creation);
  const { config } = creation;
  const errors = creation.compiled?.ok === false ? creation.compiled.errors : [];
  return { errors, ...compiledParts(creation), jobs: config ? { kind: 'static', config } : { kind: 'none' } };
}

async function tryOut(creation: Creation): Promise<LintResult> {
  const result = await runSequence(creation);
  switch (result.kind) {
    case 'dry_run':
      return { errors: [], ...compiledParts(creation), jobs: { kind: 'dry_run', jobs: result.jobs } };
    case 'refused':
      return { errors: result.messages, ...compiledParts(creation), jobs: { kind: 'none' } };
    case 'created':
    case 'skipped':
    case 'failed':
      throw new Error(`a dry run was ${result.kind}`);
  }
}

function compiledParts({ compiled }: Creation): Pick<LintResult, 'warnings' | 'mergedYaml' | 'includes'> {
  if (compiled === null) return { warnings: [], mergedYaml: null, includes: null };
  const { warnings, includes } = compiled.ok ? compiled.config : compiled;
  return { warnings, mergedYaml: compiled.mergedYaml, includes };
}

/** No masked value in any text that is made here; the configuration's own text is the caller's. */
function masked(result: LintResult, secrets: readonly string[]): LintResult {
  const hide = (message: ConfigMessage) => ({ ...message, message: maskText(message.message, secrets) });
  return { ...result, errors: result.errors.map(hide), warnings: result.warnings.map(hide) };
}

/** Who is not signed in, as the variables of an imagined pipeline tell him. */
const NOBODY: User = {
  id: 0,
  username: '',
  name: '',
  email: '',
  publicEmail: '',
  state: 'active',
  admin: false,
  bot: false,
  external: true,
  canCreateGroup: false,
  createdAt: 0,
  updatedAt: 0,
  projectsLimit: 0,
  profile: {},
  lastActivityAt: null,
  lastSignInAt: null,
};
