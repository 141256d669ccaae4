import type { ProtectedRef } from '../../project/protected-ref.ts';

const DESCRIPTIONS: Record<number, string> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
  60: 'Administrators',
};

/** A protected branch (rest-resources 4.2). */
export function protectedBranch(ref: ProtectedRef) {
  return {
    id: ref.id,
    name: ref.name,
    push_access_levels: levels(ref, 'push'),
    merge_access_levels: levels(ref, 'merge'),
    allow_force_push: ref.allowForcePush,
  };
}

/** A protected tag. */
export function protectedTag(ref: ProtectedRef) {
  return { name: ref.name, create_access_levels: levels(ref, 'create') };
}

function levels(ref: ProtectedRef, action: 'push' | 'merge' | 'create') {
  return ref.access
    .filter((access) => access.action === action)
    .map(({ id, level }) => ({
      id,
      access_level: level,
      access_level_description: DESCRIPTIONS[level] ?? 'Maintainers',
      deploy_key_id: null,
      user_id: null,
      group_id: null,
    }));
}
