import type { ClusterAgent, ClusterAgentToken } from '../../project/cluster-agent.ts';
import type { projectIdentity } from './project.ts';
import { isoTime } from './time.ts';

/** An agent (rest-resources 9.2). */
export function agentEntity(agent: ClusterAgent, configProject: ReturnType<typeof projectIdentity>) {
  return {
    id: agent.id,
    name: agent.name,
    config_project: configProject,
    created_at: isoTime(agent.createdAt),
    created_by_user_id: agent.createdById,
    is_receptive: false,
  };
}

/** A token of an agent in lists; by itself it has `last_used_at` too, and when it is made `token`, once. */
export function agentTokenEntity(token: ClusterAgentToken) {
  return {
    id: token.id,
    name: token.name,
    description: token.description,
    agent_id: token.agentId,
    status: 'active',
    created_at: isoTime(token.createdAt),
    created_by_user_id: token.createdById,
  };
}
