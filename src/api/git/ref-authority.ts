import type { RefAuthority, RefCommand } from '../../git/receive-pack.ts';
import { parseRef, type RefName, ZERO_SHA } from '../../git/ref-name.ts';
import type { Viewer } from '../../project/authorize.ts';
import {
  isProtected,
  mayDeleteRef,
  mayForcePush,
  mayPushTo,
  type RefProtection,
} from '../../project/protected-ref.ts';

/**
 * What one user may do to each ref of a project, for somebody who may push to it at all (security PROT-1). Covers
 * create, update, delete and force; every answer is null or what the user is told.
 */
export function refAuthority(viewer: Viewer, protection: RefProtection): RefAuthority {
  return {
    mayMove: async (command) => {
      const ref = parseRef(command.ref);
      if (ref === null) return null; // notes: whoever may push
      if (command.newSha === ZERO_SHA) return refusalToDelete(viewer, protection, ref);
      return refusalToMove(viewer, protection, ref, command);
    },
    mayForce: async ({ ref: full }) => {
      const ref = parseRef(full);
      if (ref?.kind !== 'branch' || mayForcePush(viewer, protection, 'branch', ref.name)) return null;
      return 'You are not allowed to force push code to a protected branch on this project.';
    },
  };
}

function refusalToDelete(viewer: Viewer, protection: RefProtection, { kind, name }: RefName): string | null {
  if (kind === 'branch' && name === viewer.project.defaultBranch) {
    return 'The default branch of a project cannot be deleted.';
  }
  if (mayDeleteRef(viewer, protection, kind, name)) return null;
  return kind === 'branch'
    ? 'Protected branches cannot be deleted by a push.'
    : 'Protected tags cannot be deleted.';
}

function refusalToMove(
  viewer: Viewer,
  protection: RefProtection,
  { kind, name }: RefName,
  command: RefCommand,
): string | null {
  if (kind === 'tag' && command.oldSha !== ZERO_SHA && isProtected(protection, 'tag', name)) {
    return 'Protected tags cannot be updated.';
  }
  if (mayPushTo(viewer, protection, kind, name)) return null;
  return kind === 'branch'
    ? 'You are not allowed to push code to protected branches on this project.'
    : 'You are not allowed to create this tag as it is protected.';
}
