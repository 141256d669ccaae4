import type { Project } from '../../project/project.ts';
import type { JobContext } from '../entities/job.ts';
import type { Call } from '../route.ts';

/** What answers about jobs of a project need beside the jobs. */
export function jobContext(call: Pick<Call, 'baseUrl' | 'now'>, project: Project): JobContext {
  return {
    projectUrl: `${call.baseUrl}/${project.fullPath}`,
    baseUrl: call.baseUrl,
    tokenScopeEnabled: project.ciOutboundJobTokenScopeEnabled,
    now: call.now,
  };
}
