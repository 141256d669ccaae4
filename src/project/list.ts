import type { Reading } from '../db/transaction.ts';
import { type Caller, userOf } from './caller.ts';
import { type Namespace, namespaceOfRow } from './namespace.ts';
import { type Project, projectOfRow } from './project.ts';
import {
  creatableNamespaces,
  type GroupFilter,
  groupPage,
  type NamespaceFilter,
  namespaceCounts,
} from './queries/group-lists.ts';

export { namespaceCounts };

import { type ListViewer, type ProjectFilter, projectPage } from './queries/project-lists.ts';
import { type UserFilter, userPage } from './queries/user-lists.ts';
import { type User, userOfRow } from './user.ts';

export type { GroupFilter, ProjectFilter, UserFilter };

interface Slice {
  offset: number;
  perPage: number;
}

/** Projects that the caller may see, filtered; the total stops at 10,001. */
export async function listProjects(
  reading: Reading,
  caller: Caller,
  filter: ProjectFilter,
  page: Slice,
): Promise<{ projects: Project[]; total: number }> {
  const { rows, total } = await projectPage(reading, listViewer(caller), filter, page);
  return { projects: rows.map(projectOfRow), total };
}

/** Groups that the caller may see, filtered. */
export async function listGroups(
  reading: Reading,
  caller: Caller,
  filter: GroupFilter,
  page: Slice,
): Promise<{ groups: Namespace[]; total: number }> {
  const { rows, total } = await groupPage(reading, listViewer(caller), filter, page);
  return { groups: rows.map(namespaceOfRow), total };
}

/** Namespaces in which the caller may create projects. */
export async function listNamespaces(
  reading: Reading,
  caller: Caller,
  filter: NamespaceFilter,
  page: Slice,
): Promise<{ namespaces: Namespace[]; total: number }> {
  const viewer = listViewer(caller);
  if (viewer === null) return { namespaces: [], total: 0 };
  const { rows, total } = await creatableNamespaces(reading, viewer, filter, page);
  return { namespaces: rows.map(namespaceOfRow), total };
}

/** Users, filtered: all are known to whoever is signed in. */
export async function listUsers(
  reading: Reading,
  filter: UserFilter,
  page: Slice,
): Promise<{ users: User[]; total: number }> {
  const { rows, total } = await userPage(reading, filter, page);
  return { users: rows.map(userOfRow), total };
}

function listViewer(caller: Caller): ListViewer {
  const user = userOf(caller);
  return user === null ? null : { userId: user.id, admin: user.admin, external: user.external };
}
