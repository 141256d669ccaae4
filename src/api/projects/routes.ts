import type { Route } from '../route.ts';
import { archiveRoute, unarchiveRoute } from './archive.ts';
import { createForUserRoute, createRoute } from './create.ts';
import { deleteRoute, restoreRoute } from './delete.ts';
import { editRoute } from './edit.ts';
import { emptyListRoutes } from './empty-lists.ts';
import { forkRoute, forksRoute } from './fork.ts';
import { listRoute, userProjectsRoute, userStarredRoute } from './list.ts';
import { languagesRoute, projectGroupsRoute, projectUsersRoute } from './people.ts';
import { shareRoute, unshareRoute } from './share.ts';
import { showRoute } from './show.ts';
import { starRoute, starrersRoute, unstarRoute } from './star.ts';
import { transferRoute } from './transfer.ts';

export const projectRoutes: readonly Route[] = [
  listRoute,
  userProjectsRoute,
  showRoute,
  createRoute,
  createForUserRoute,
  editRoute,
  deleteRoute,
  restoreRoute,
  archiveRoute,
  unarchiveRoute,
  starRoute,
  unstarRoute,
  starrersRoute,
  userStarredRoute,
  forkRoute,
  forksRoute,
  transferRoute,
  shareRoute,
  unshareRoute,
  projectUsersRoute,
  projectGroupsRoute,
  languagesRoute,
  ...emptyListRoutes,
];
