import { parseDuration, parseLifetime } from '../../config/duration.ts';
import { MIN_ARCHIVE_SECONDS } from '../../pipeline/archive.ts';
import {
  changeInstanceSettings,
  DEFAULT_SETTINGS,
  type InstanceSettings,
  instanceSettings,
} from '../../project/instance-settings.ts';
import { refuse } from '../errors.ts';
import type { InputShape, Parameter } from '../input.ts';
import { json, route } from '../route.ts';

/** Seconds, two hours or more; the most is some 68 years. */
const TOKEN_LIFE = { type: 'integer', min: 7200, max: 2_147_483_647, nullable: true } as const;

const VISIBILITY = { type: 'string', values: ['private', 'internal', 'public'] } as const;

/** Settings whose limits are more than their type. */
const SPECIAL: Partial<Record<keyof InstanceSettings, Parameter>> = {
  default_project_visibility: VISIBILITY,
  default_group_visibility: VISIBILITY,
  default_ci_config_path: { type: 'string', nullable: true },
  max_artifacts_size: { type: 'integer', min: 1 },
  deletion_adjourned_period: { type: 'integer', min: 1, max: 90 },
  throttle_authenticated_api_period_in_seconds: { type: 'integer', min: 1 },
  throttle_unauthenticated_api_period_in_seconds: { type: 'integer', min: 1 },
  ci_max_includes: { type: 'integer', min: 0 },
  default_branch_name: { type: 'string', notBlank: true },
  default_artifacts_expire_in: { type: 'string', notBlank: true },
  archive_builds_in_human_readable: { type: 'string', nullable: true },
  runner_token_expiration_interval: TOKEN_LIFE,
  group_runner_token_expiration_interval: TOKEN_LIFE,
  project_runner_token_expiration_interval: TOKEN_LIFE,
};

/** Every setting as a parameter, its type read off its default. */
const INPUT: InputShape = Object.fromEntries(
  Object.entries(DEFAULT_SETTINGS).map(([name, value]) => [
    name,
    SPECIAL[name as keyof InstanceSettings] ?? parameterFor(value),
  ]),
);

function parameterFor(value: unknown): Parameter {
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: 'integer', min: 0 };
  return Array.isArray(value) ? { type: 'comma-list' } : { type: 'string' };
}

/** A duration of a day or more; blank or null for none. */
function archiveAge(text: string | null): string | null {
  if (text === null || text.trim() === '') return null;
  const seconds = parseDuration(text);
  if (seconds === null)
    throw refuse.invalid({ archive_builds_in_human_readable: ['is not a correct duration'] });
  if (seconds < MIN_ARCHIVE_SECONDS)
    throw refuse.invalid({ archive_builds_in_seconds: ['must be at least 1 day'] });
  return text;
}

/** GET /application/settings, administrators (design 2). */
export const showRoute = route({
  method: 'GET',
  path: '/api/v4/application/settings',
  access: { by: 'user', admin: true },
  input: {},
  async handle(call) {
    return json({ id: 1, ...(await instanceSettings(call.rooms.db.read)) });
  },
});

/** PUT /application/settings changes what it is given and answers with all. */
export const editRoute = route({
  method: 'PUT',
  path: '/api/v4/application/settings',
  access: { by: 'user', admin: true },
  input: INPUT,
  async handle(call) {
    const { db } = call.rooms;
    const changes = call.params as Partial<InstanceSettings>;
    if (changes.archive_builds_in_human_readable !== undefined) {
      changes.archive_builds_in_human_readable = archiveAge(changes.archive_builds_in_human_readable);
    }
    const { default_artifacts_expire_in: lifetime } = changes;
    if (lifetime !== undefined && parseLifetime(lifetime) === null)
      throw refuse.invalid({ default_artifacts_expire_in: ['is not a correct duration'] });
    await db.transaction((tx) => changeInstanceSettings(tx, changes));
    return json({ id: 1, ...(await instanceSettings(db.read)) });
  },
});
