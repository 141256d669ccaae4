import type { ArtifactsTable, ArtifactTotalsTable, DeletedFilesTable } from './tables/artifact.ts';
import type { DutiesTable } from './tables/cron.ts';
import type { PushesTable, RepositoryStatisticsTable } from './tables/git.ts';
import type { WebHookEventsTable, WebHooksTable } from './tables/hook.ts';
import type {
  CommitStatusesTable,
  CommitsTable,
  DeploymentCountersTable,
  DeploymentsTable,
  EnvironmentsTable,
  JobDefinitionsTable,
  JobNeedsTable,
  JobsTable,
  JobVariablesTable,
  PipelineCountersTable,
  PipelineDraftsTable,
  PipelinesTable,
  PipelineVariablesTable,
  ResourceGroupsTable,
  StagesTable,
  StatusEventsTable,
} from './tables/pipeline.ts';
import type {
  AccessTokensTable,
  AuditEventsTable,
  AvatarsTable,
  ClusterAgentsTable,
  ClusterAgentTokensTable,
  InstanceSettingsTable,
  JobTokenAllowedGroupsTable,
  JobTokenAllowedProjectsTable,
  MembersTable,
  NamespacesTable,
  ProjectsTable,
  ProtectedRefAccessTable,
  ProtectedRefsTable,
  RedirectsTable,
  SessionsTable,
  SharesTable,
  StarsTable,
  TriggersTable,
  UsersTable,
  VariablesTable,
} from './tables/project.ts';
import type {
  QueueEntriesTable,
  QueueLanesTable,
  QueueOffersTable,
  QueueVersionsTable,
  RunningCountsTable,
  RunningJobsTable,
} from './tables/queue.ts';
import type {
  RunnerManagersTable,
  RunnerProjectsTable,
  RunnerRegistrationTokensTable,
  RunnersTable,
} from './tables/runner.ts';
import type {
  FreezePeriodsTable,
  PipelineScheduleRunsTable,
  PipelineSchedulesTable,
  PipelineScheduleVariablesTable,
} from './tables/schedule.ts';
import type { TraceChunksTable, TracesTable } from './tables/trace.ts';

/** Every table by its name. Each is written by one room alone, named at the top of its file in `tables/`. */
export interface Tables {
  users: UsersTable;
  namespaces: NamespacesTable;
  projects: ProjectsTable;
  redirects: RedirectsTable;
  members: MembersTable;
  shares: SharesTable;
  stars: StarsTable;
  avatars: AvatarsTable;
  access_tokens: AccessTokensTable;
  audit_events: AuditEventsTable;
  sessions: SessionsTable;
  protected_refs: ProtectedRefsTable;
  protected_ref_access: ProtectedRefAccessTable;
  variables: VariablesTable;
  instance_settings: InstanceSettingsTable;
  triggers: TriggersTable;
  job_token_allowed_projects: JobTokenAllowedProjectsTable;
  job_token_allowed_groups: JobTokenAllowedGroupsTable;
  cluster_agents: ClusterAgentsTable;
  cluster_agent_tokens: ClusterAgentTokensTable;
  pushes: PushesTable;
  repository_statistics: RepositoryStatisticsTable;
  commits: CommitsTable;
  pipelines: PipelinesTable;
  pipeline_drafts: PipelineDraftsTable;
  pipeline_counters: PipelineCountersTable;
  pipeline_variables: PipelineVariablesTable;
  stages: StagesTable;
  status_events: StatusEventsTable;
  job_definitions: JobDefinitionsTable;
  jobs: JobsTable;
  job_needs: JobNeedsTable;
  job_variables: JobVariablesTable;
  commit_statuses: CommitStatusesTable;
  resource_groups: ResourceGroupsTable;
  environments: EnvironmentsTable;
  deployment_counters: DeploymentCountersTable;
  deployments: DeploymentsTable;
  freeze_periods: FreezePeriodsTable;
  pipeline_schedules: PipelineSchedulesTable;
  pipeline_schedule_variables: PipelineScheduleVariablesTable;
  pipeline_schedule_runs: PipelineScheduleRunsTable;
  web_hooks: WebHooksTable;
  web_hook_events: WebHookEventsTable;
  queue_lanes: QueueLanesTable;
  queue_offers: QueueOffersTable;
  queue_entries: QueueEntriesTable;
  running_counts: RunningCountsTable;
  running_jobs: RunningJobsTable;
  queue_versions: QueueVersionsTable;
  runners: RunnersTable;
  runner_projects: RunnerProjectsTable;
  runner_registration_tokens: RunnerRegistrationTokensTable;
  runner_managers: RunnerManagersTable;
  traces: TracesTable;
  trace_chunks: TraceChunksTable;
  artifacts: ArtifactsTable;
  artifact_totals: ArtifactTotalsTable;
  deleted_files: DeletedFilesTable;
  duties: DutiesTable;
}
