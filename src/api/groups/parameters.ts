import { AVATAR_INPUT } from '../avatars/upload.ts';
import type { InputShape } from '../input.ts';

/** Settings of a group that are kept under GitLab's names (rest-resources 3.1). */
const SETTINGS = {
  share_with_group_lock: { type: 'boolean' },
  project_creation_level: {
    type: 'string',
    values: ['noone', 'owner', 'maintainer', 'developer', 'administrator'],
  },
  subgroup_creation_level: { type: 'string', values: ['owner', 'maintainer'] },
  shared_runners_setting: {
    type: 'string',
    values: ['disabled_and_unoverridable', 'disabled_and_overridable', 'enabled'],
  },
  default_branch: { type: 'string' },
  default_branch_protection: { type: 'integer', values: [0, 1, 2, 3, 4] },
  request_access_enabled: { type: 'boolean' },
  lfs_enabled: { type: 'boolean' },
  emails_enabled: { type: 'boolean' },
  auto_devops_enabled: { type: 'boolean' },
  mentions_disabled: { type: 'boolean' },
  max_artifacts_size: { type: 'integer', min: 0 },
} as const satisfies InputShape;

/** Parameters of create and edit alike. */
export const GROUP_INPUT = {
  ...SETTINGS,
  ...AVATAR_INPUT,
  description: { type: 'string', nullable: true },
  visibility: { type: 'string', values: ['private', 'internal', 'public'] },
} as const satisfies InputShape;

/** The settings among the given parameters. */
export function groupSettingsOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(SETTINGS).filter((name) => given[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}

/** Refusals as GitLab prints them for groups: a sentence with an inspected hash, not an object (rest-resources 3.1). */
export function groupSentence(errors: Readonly<Record<string, readonly string[]>>): string {
  return `Failed to save group ${inspected(errors)}`;
}

/** Texts by field as Ruby inspects a hash of them. */
export function inspected(errors: Readonly<Record<string, readonly string[]>>): string {
  const fields = Object.entries(errors).map(
    ([field, texts]) => `:${field}=>[${texts.map((text) => JSON.stringify(text)).join(', ')}]`,
  );
  return `{${fields.join(', ')}}`;
}
