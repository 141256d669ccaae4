import type { Route } from '../route.ts';
import { downloadArchive, downloadFile } from './artifacts.ts';
import { downloadArchiveOfRef, downloadFileOfRef } from './artifacts-by-ref.ts';
import { deleteJobArtifacts, deleteProjectArtifacts, keepJobArtifacts } from './artifacts-keep.ts';
import { showArtifactsTree } from './artifacts-tree.ts';
import { showTrace } from './trace.ts';
import { showTraceIndex } from './trace-index.ts';
import { showTraceLines } from './trace-lines.ts';
import { showRawTrace } from './trace-raw.ts';
import { searchTraceLines } from './trace-search.ts';
import { streamTrace } from './trace-stream.ts';

/** Logs and artifacts for users, in the order of jobs-api 4.7 and 5. */
export const traceAndArtifactRoutes: readonly Route[] = [
  showTrace,
  streamTrace,
  showTraceLines,
  showTraceIndex,
  searchTraceLines,
  showRawTrace,
  downloadArchive,
  downloadArchiveOfRef,
  downloadFileOfRef,
  downloadFile,
  showArtifactsTree,
  keepJobArtifacts,
  deleteJobArtifacts,
  deleteProjectArtifacts,
];
