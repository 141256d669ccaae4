import type { Route } from '../route.ts';
import {
  createBranchRoute,
  deleteBranchRoute,
  hasBranchRoute,
  listBranchesRoute,
  showBranchRoute,
} from './branches.ts';
import {
  commitExtrasRoutes,
  commitRefsRoute,
  commitSignatureRoute,
  listCommitsRoute,
  showCommitRoute,
} from './commits.ts';
import { createCommitRoute } from './create-commit.ts';
import { createFileRoute, deleteFileRoute, updateFileRoute } from './edit-files.ts';
import { fileHeadersRoute, rawFileHeadersRoute, rawFileRoute, showFileRoute } from './files.ts';
import { deleteMergedBranchesRoute } from './merged-branches.ts';
import { createTagRoute, deleteTagRoute, listTagsRoute, showTagRoute } from './tags.ts';
import { treeRoute } from './tree.ts';

/** Branches, tags, commits, files and trees over REST (rest-resources 4). */
export const repositoryRoutes: readonly Route[] = [
  listBranchesRoute,
  showBranchRoute,
  hasBranchRoute,
  createBranchRoute,
  deleteBranchRoute,
  deleteMergedBranchesRoute,
  listTagsRoute,
  showTagRoute,
  createTagRoute,
  deleteTagRoute,
  listCommitsRoute,
  showCommitRoute,
  commitRefsRoute,
  ...commitExtrasRoutes,
  commitSignatureRoute,
  createCommitRoute,
  showFileRoute,
  fileHeadersRoute,
  rawFileRoute,
  rawFileHeadersRoute,
  createFileRoute,
  updateFileRoute,
  deleteFileRoute,
  treeRoute,
];
