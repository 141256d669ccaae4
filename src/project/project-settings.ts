import type { Namespace } from './namespace.ts';
import type { FieldErrors } from './path-rules.ts';
import type { Project } from './project.ts';
import type { ProjectRow } from './queries/projects.ts';

/** What create and edit may set, by the names of `Project`; `other` are settings without a column. */
export interface ProjectSettings
  extends Partial<
    Pick<
      Project,
      | 'description'
      | 'visibility'
      | 'publicBuilds'
      | 'buildsAccessLevel'
      | 'repositoryAccessLevel'
      | 'buildTimeoutSeconds'
      | 'ciConfigPath'
      | 'ciDefaultGitDepth'
      | 'buildGitStrategy'
      | 'autoCancelPendingPipelines'
      | 'sharedRunnersEnabled'
      | 'groupRunnersEnabled'
      | 'keepLatestArtifact'
      | 'ciSeparatedCaches'
      | 'ciForwardDeploymentEnabled'
      | 'ciPipelineVariablesMinimumOverrideRole'
      | 'resourceGroupDefaultProcessMode'
      | 'maxArtifactsSize'
      | 'ciInboundJobTokenScopeEnabled'
    >
  > {
  other?: Record<string, unknown>;
}

/** Seconds: ten minutes and a month. */
const MIN_TIMEOUT = 600;
const MAX_TIMEOUT = 2_629_746;
const DAY = 86_400;
const YEAR = 31_556_952;
const MAX_GIT_DEPTH = 1000;
const RANK = { private: 0, internal: 1, public: 2 };

/** What is wrong with settings of a project in `namespace` (rest-resources 1.6). */
export function settingErrors(settings: ProjectSettings, namespace: Namespace): FieldErrors {
  const errors: FieldErrors = {};
  const { buildTimeoutSeconds: timeout, ciConfigPath, ciDefaultGitDepth: depth, visibility } = settings;
  if (timeout !== undefined && (timeout < MIN_TIMEOUT || timeout > MAX_TIMEOUT)) {
    errors.build_timeout = ['needs to be between 10 minutes and 1 month'];
  }
  if (ciConfigPath && climbs(ciConfigPath)) {
    errors.ci_config_path = ['cannot include leading slash or directory traversal.'];
  }
  if (depth !== undefined && depth !== null && depth > MAX_GIT_DEPTH) {
    errors['ci_cd_settings.default_git_depth'] = [`must be less than or equal to ${MAX_GIT_DEPTH}`];
  }
  if (depth !== undefined && depth !== null && depth < 0) {
    errors['ci_cd_settings.default_git_depth'] = ['must be greater than or equal to 0'];
  }
  const { ci_id_token_sub_claim_components: components, ci_delete_pipelines_in_seconds: age } =
    settings.other ?? {};
  if (Array.isArray(components) && components[0] !== 'project_path') {
    errors['ci_cd_settings.id_token_sub_claim_components'] = [
      'project_path must be the first element of the sub claim',
    ];
  }
  if (typeof age === 'number' && (age < DAY || age > YEAR)) {
    errors['ci_cd_settings.delete_pipelines_in_seconds'] = ['must be between 1 day and 1 year'];
  }
  if (
    visibility !== undefined &&
    namespace.kind === 'group' &&
    RANK[visibility] > RANK[namespace.visibility]
  ) {
    errors.visibility_level = [`${visibility} is not allowed in a ${namespace.visibility} group.`];
  }
  if (settings.description && [...settings.description].length > 2000) {
    errors.description = ['is too long (maximum is 2000 characters)'];
  }
  return errors;
}

/** `file@group/project[:ref]` and `https://…` are legal, a leading slash and `..` are not. */
function climbs(path: string): boolean {
  if (/^https?:\/\//.test(path)) return false;
  return path.startsWith('/') || path.split(/[/\\]/).includes('..');
}

/** Columns of the given settings; `other` is laid over what the row already has. */
export function columnsOfSettings(
  settings: ProjectSettings,
  other: Record<string, unknown>,
): Partial<ProjectRow> {
  const columns: Partial<ProjectRow> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || name === 'other') continue;
    const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    Object.assign(columns, { [column]: typeof value === 'boolean' ? Number(value) : value });
  }
  if (settings.other !== undefined) columns.settings = JSON.stringify({ ...other, ...settings.other });
  return columns;
}
