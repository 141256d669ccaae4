import {
  dayOf,
  expiryError,
  MAX_LIFETIME_DAYS,
  TOKEN_SCOPES,
  TOKEN_SORTS,
  type TokenFilter,
} from '../../project/access-token.ts';
import type { Caller } from '../../project/caller.ts';
import type { InstanceSettings } from '../../project/instance-settings.ts';
import { refuse } from '../errors.ts';
import type { Input, InputShape } from '../input.ts';

/** Filters of a list of tokens (rest-resources 2.4). */
export const TOKEN_FILTER_INPUT = {
  created_after: { type: 'time' },
  created_before: { type: 'time' },
  last_used_after: { type: 'time' },
  last_used_before: { type: 'time' },
  expires_after: { type: 'date' },
  expires_before: { type: 'date' },
  revoked: { type: 'boolean' },
  state: { type: 'string', values: ['active', 'inactive'] },
  search: { type: 'string' },
  sort: { type: 'string', values: TOKEN_SORTS },
} as const satisfies InputShape;

/** The filter that the parameters describe; whose and what kinds is for the route to say. */
export function filterOf(params: Input<typeof TOKEN_FILTER_INPUT>, now: number): Omit<TokenFilter, 'kinds'> {
  return {
    createdAfter: params.created_after,
    createdBefore: params.created_before,
    lastUsedAfter: params.last_used_after,
    lastUsedBefore: params.last_used_before,
    expiresAfter: params.expires_after,
    expiresBefore: params.expires_before,
    revoked: params.revoked,
    active: params.state === undefined ? undefined : params.state === 'active',
    search: params.search || undefined,
    sort: params.sort,
    today: dayOf(now),
  };
}

/** What a new token is made of. */
export const NEW_TOKEN_INPUT = {
  name: { type: 'string', required: true, notBlank: true, maxLength: 255 },
  scopes: { type: 'comma-list', required: true, values: TOKEN_SCOPES },
  description: { type: 'string', nullable: true, maxLength: 255 },
  expires_at: { type: 'date', nullable: true },
} as const satisfies InputShape;

/** The last day of a new token: as said, or the longest life where one is demanded. Or what is wrong with it. */
export function lastDay(
  given: string | null | undefined,
  settings: InstanceSettings,
  now: number,
): { ok: true; day: string | null } | { ok: false; text: string } {
  const limited = settings.require_personal_access_token_expiry;
  if (!given) return { ok: true, day: limited ? dayOf(now, MAX_LIFETIME_DAYS) : null };
  const text = expiryError(given, now, limited);
  return text === null ? { ok: true, day: given } : { ok: false, text };
}

/** Scopes that `api` does not cover. */
const BEYOND_API = ['sudo', 'admin_mode'];

/** Throws `Refused` when a token would make one that may do more than itself (security TOK-7). */
export function refuseWider(caller: Caller, scopes: readonly string[]): void {
  if (caller.kind !== 'user') throw refuse.forbidden();
  const wider = BEYOND_API.some((scope) => scopes.includes(scope) && !caller.scopes.includes(scope));
  if (wider) throw refuse.forbidden();
}
