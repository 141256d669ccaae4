import type { Namespace } from '../../project/namespace.ts';
import type { Share } from '../../project/share.ts';
import { avatarUrl } from './avatar.ts';
import { namespaceUrl } from './namespace.ts';
import { sharedWithGroup, sizesOf } from './project.ts';
import { isoTime } from './time.ts';

/** A group in lists; `above` are the groups it lies in, outermost first (rest-resources 3.1). */
export function groupEntity(
  group: Namespace,
  above: readonly Namespace[],
  baseUrl: string,
  sizes: { size: number; artifacts: number } | null = null,
) {
  const { settings } = group;
  return {
    id: group.id,
    web_url: namespaceUrl(group, baseUrl),
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    share_with_group_lock: settings.share_with_group_lock ?? false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    project_creation_level: settings.project_creation_level ?? 'developer',
    auto_devops_enabled: settings.auto_devops_enabled ?? null,
    subgroup_creation_level: settings.subgroup_creation_level ?? 'maintainer',
    emails_disabled: settings.emails_enabled === false,
    emails_enabled: settings.emails_enabled ?? true,
    show_diff_preview_in_email: true,
    mentions_disabled: settings.mentions_disabled ?? null,
    lfs_enabled: settings.lfs_enabled ?? false,
    archived: false,
    math_rendering_limits_enabled: true,
    lock_math_rendering_limits_enabled: false,
    default_branch: settings.default_branch ?? null,
    default_branch_protection: settings.default_branch_protection ?? 2,
    default_branch_protection_defaults: {
      allowed_to_push: [{ access_level: 40 }],
      allow_force_push: false,
      allowed_to_merge: [{ access_level: 30 }],
    },
    avatar_url: avatarUrl('group', group.id, settings.avatar, baseUrl),
    request_access_enabled: settings.request_access_enabled ?? true,
    full_name: [...above, group].map(({ name }) => name).join(' / '),
    full_path: group.fullPath,
    created_at: isoTime(group.createdAt),
    parent_id: group.parentId,
    organization_id: 1,
    shared_runners_setting: settings.shared_runners_setting ?? 'enabled',
    max_artifacts_size: settings.max_artifacts_size ?? null,
    ...(sizes === null ? {} : { statistics: sizesOf(sizes.size, sizes.artifacts) }),
    marked_for_deletion_on: isoTime(group.markedForDeletionAt)?.slice(0, 10) ?? null,
  };
}

/** One group, with its projects when they were asked for; `forOwner` adds what owners see. */
export function groupDetail(
  group: Namespace,
  above: readonly Namespace[],
  baseUrl: string,
  {
    projects,
    sharedProjects,
    sharedWith,
    forOwner,
  }: {
    projects: readonly unknown[] | null;
    sharedProjects: readonly unknown[];
    sharedWith: readonly { share: Share; group: Namespace }[];
    forOwner: boolean;
  },
) {
  return {
    ...groupEntity(group, above, baseUrl),
    shared_with_groups: sharedWith.map(sharedWithGroup),
    ...(forOwner ? { runners_token: null } : {}),
    prevent_sharing_groups_outside_hierarchy: false,
    ...(projects === null ? {} : { projects, shared_projects: sharedProjects }),
  };
}

/** The form in allowlists. */
export function groupBasic(group: Namespace, baseUrl: string) {
  return { id: group.id, web_url: namespaceUrl(group, baseUrl), name: group.name };
}
