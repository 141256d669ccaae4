import { userOf } from '../../project/caller.ts';
import {
  agentTokensOf,
  type ClusterAgentToken,
  createAgentToken,
  revokeAgentToken,
} from '../../project/cluster-agent.ts';
import { refuseIfChanged } from '../conditional.ts';
import { agentTokenEntity } from '../entities/cluster-agent.ts';
import { isoTime } from '../entities/time.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { AGENT_INPUT, AGENTS, requireAgent } from './agents.ts';

const PATH = `${AGENTS}/:agent_id/tokens` as const;
const ACCESS = { by: 'user' } as const;
const TOKEN_INPUT = { ...AGENT_INPUT, token_id: { type: 'integer', required: true } } as const;

/** GET P/cluster_agents/:agent_id/tokens (rest-resources 9.2). */
export const listTokens = route({
  method: 'GET',
  path: PATH,
  access: ACCESS,
  input: { ...AGENT_INPUT, ...PAGE_INPUT },
  async handle(call) {
    const { agent } = await requireAgent(call, call.params, 'read_cluster_agent');
    const tokens = await agentTokensOf(call.rooms.db.read, agent.id);
    const page = pageOf(call.params);
    const shown = tokens.slice(page.offset, page.offset + page.perPage).map(agentTokenEntity);
    return pageAnswer(call, page, shown, tokens.length);
  },
});

/** GET P/cluster_agents/:agent_id/tokens/:token_id. */
export const showToken = route({
  method: 'GET',
  path: `${PATH}/:token_id`,
  access: ACCESS,
  input: TOKEN_INPUT,
  async handle(call) {
    const { agent } = await requireAgent(call, call.params, 'read_cluster_agent');
    return json(withUse(await requireToken(call, agent.id, call.params.token_id)));
  },
});

/** POST P/cluster_agents/:agent_id/tokens: the token is shown once. */
export const createToken = route({
  method: 'POST',
  path: PATH,
  access: ACCESS,
  input: { ...AGENT_INPUT, name: { type: 'string', required: true }, description: { type: 'string' } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { agent } = await requireAgent(call, params, 'admin_cluster_agent');
    const values = {
      agentId: agent.id,
      name: params.name,
      description: params.description ?? null,
      createdById: userOf(call.caller)?.id ?? null,
    };
    const { token, secret } = await rooms.db.transaction((tx) => createAgentToken(tx, values, now));
    return json({ ...withUse(token), token: secret }, 201);
  },
});

/** DELETE P/cluster_agents/:agent_id/tokens/:token_id: it opens nothing any more. */
export const revokeToken = route({
  method: 'DELETE',
  path: `${PATH}/:token_id`,
  access: ACCESS,
  input: TOKEN_INPUT,
  async handle(call) {
    const { agent } = await requireAgent(call, call.params, 'admin_cluster_agent');
    const token = await requireToken(call, agent.id, call.params.token_id);
    refuseIfChanged(call, token.createdAt);
    await call.rooms.db.transaction((tx) => revokeAgentToken(tx, token.id));
    return noContent;
  },
});

async function requireToken(
  call: Pick<Call, 'rooms'>,
  agentId: number,
  id: number,
): Promise<ClusterAgentToken> {
  const tokens = await agentTokensOf(call.rooms.db.read, agentId);
  const token = tokens.find((one) => one.id === id);
  if (token === undefined) throw refuse.recordNotFound();
  return token;
}

function withUse(token: ClusterAgentToken) {
  return { ...agentTokenEntity(token), last_used_at: isoTime(token.lastUsedAt) };
}
