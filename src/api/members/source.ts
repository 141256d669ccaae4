import { may, OWNER } from '../../project/authorize.ts';
import { mayInGroup } from '../../project/group-access.ts';
import {
  allGroupMembers,
  allProjectMembers,
  directMembers,
  type Member,
  type MemberSource,
} from '../../project/member.ts';
import { usersByIds } from '../../project/user.ts';
import { memberEntity } from '../entities/member.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import type { Call } from '../route.ts';

export type MemberCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>;

/** A project or group as far as its members are concerned. */
export interface Place {
  source: MemberSource;
  /** Whether the caller may add, change and remove members. */
  mayAdmin: boolean;
  /** Highest level that the caller may give or touch (security AUTHZ-8). */
  ceiling: number;
  /** Direct and inherited members, the highest level of each. */
  all(): Promise<Member[]>;
  direct(): Promise<Member[]>;
}

/** Finds the place that a route under `P` or `G` names; whoever may see it may see its members (rest-resources 3.2). */
export async function findPlace(call: MemberCall, type: MemberSource['type'], id: string): Promise<Place> {
  const { read } = call.rooms.db;
  const { now } = call;
  if (type === 'project') {
    const { project, viewer } = await requireProject(call, id);
    const source = { type, id: project.id };
    return {
      source,
      mayAdmin: may(viewer, 'admin_project_member'),
      ceiling: viewer.admin ? OWNER : viewer.level,
      all: () => allProjectMembers(read, project, now),
      direct: () => directMembers(read, source, now),
    };
  }
  const { group, viewer } = await requireGroup(call, id);
  const source = { type, id: group.id };
  return {
    source,
    mayAdmin: mayInGroup(viewer, 'admin_group_member', group),
    ceiling: viewer.admin ? OWNER : viewer.level,
    all: () => allGroupMembers(read, group.id, now),
    direct: () => directMembers(read, source, now),
  };
}

/** Entities of members with their users and who added them. */
export async function memberViews(call: MemberCall, members: readonly Member[]) {
  const ids = members.flatMap(({ userId, createdById }) => [userId, createdById ?? userId]);
  const users = await usersByIds(call.rooms.db.read, ids);
  return members.flatMap((member) => {
    const user = users.get(member.userId);
    const createdBy = member.createdById === null ? null : (users.get(member.createdById) ?? null);
    return user === undefined ? [] : [{ user, entity: memberEntity(member, user, createdBy, call.baseUrl) }];
  });
}
