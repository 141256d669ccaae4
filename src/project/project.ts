/** A project with the settings that decide something; times in milliseconds. GitLab's names in camel case. */
export interface Project {
  id: number;
  namespaceId: number;
  creatorId: number | null;
  name: string;
  path: string;
  fullPath: string;
  description: string | null;
  visibility: 'private' | 'internal' | 'public';
  defaultBranch: string | null;
  archived: boolean;
  publicBuilds: boolean;
  buildsAccessLevel: 'disabled' | 'private' | 'enabled';
  repositoryAccessLevel: 'disabled' | 'private' | 'enabled';
  buildTimeoutSeconds: number;
  ciConfigPath: string | null;
  ciDefaultGitDepth: number | null;
  buildGitStrategy: 'fetch' | 'clone';
  autoCancelPendingPipelines: boolean;
  sharedRunnersEnabled: boolean;
  groupRunnersEnabled: boolean;
  keepLatestArtifact: boolean;
  ciOutboundJobTokenScopeEnabled: boolean;
  ciInboundJobTokenScopeEnabled: boolean;
  ciSeparatedCaches: boolean;
  ciForwardDeploymentEnabled: boolean;
  ciPipelineVariablesMinimumOverrideRole: 'no_one_allowed' | 'developer' | 'maintainer' | 'owner';
  resourceGroupDefaultProcessMode: 'unordered' | 'oldest_first' | 'newest_first' | 'newest_ready_first';
  /** MiB; null: the instance's. */
  maxArtifactsSize: number | null;
  settings: Record<string, unknown>;
  markedForDeletionAt: number | null;
  lastActivityAt: number;
  createdAt: number;
  updatedAt: number;
}
