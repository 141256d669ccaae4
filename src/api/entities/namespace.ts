import type { Namespace } from '../../project/namespace.ts';
import { avatarUrl } from './avatar.ts';

/** Where a namespace's page is. */
export function namespaceUrl(namespace: Namespace, baseUrl: string): string {
  return `${baseUrl}/${namespace.kind === 'group' ? 'groups/' : ''}${namespace.fullPath}`;
}

/** The namespace inside a project (rest-resources 1.3). */
export function namespaceBasic(namespace: Namespace, baseUrl: string) {
  return {
    id: namespace.id,
    name: namespace.name,
    path: namespace.path,
    kind: namespace.kind,
    full_path: namespace.fullPath,
    parent_id: namespace.parentId,
    avatar_url:
      namespace.kind === 'group'
        ? avatarUrl('group', namespace.id, namespace.settings.avatar, baseUrl)
        : null,
    web_url: namespaceUrl(namespace, baseUrl),
  };
}

/** A namespace by itself; `counts` for those who own it (rest-resources 3.3). */
export function namespaceEntity(
  namespace: Namespace,
  baseUrl: string,
  counts: { members: number; projects: number; size: number } | null,
) {
  const basic = namespaceBasic(namespace, baseUrl);
  if (counts === null) return basic;
  return {
    ...basic,
    members_count_with_descendants: counts.members,
    root_repository_size: counts.size,
    projects_count: counts.projects,
  };
}
