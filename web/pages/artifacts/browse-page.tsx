import './artifacts.css';
import { useReading } from '../../api/reading.ts';
import { bytesText } from '../../bytes.ts';
import { type PageProps, query } from '../../router.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Pagination } from '../../shell/pagination.tsx';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { SkeletonRows } from '../../shell/skeleton.tsx';
import { encodedPath, placesOf } from './artifact-path.ts';
import { ArtifactsHead } from './artifacts-head.tsx';

/** What `…/artifacts/tree` says of one entry. */
interface Entry {
  name: string;
  path: string;
  type: 'file' | 'directory';
  size?: number;
}

/** One directory of a job's artifacts. */
export default function BrowsePage({ params }: PageProps) {
  const project = useProject();
  const { job: jobId = '', path = '' } = params;
  const api = projectApi(project, `/jobs/${Number(jobId)}/artifacts`);
  const page = query.value.get('page') ?? '1';
  const {
    value: entries,
    paging,
    problem,
    reload,
  } = useReading<Entry[]>(`${api}/tree`, { path, per_page: 100, page });
  const below = (kind: 'browse' | 'file', at: string) =>
    projectAddress(project, `jobs/${jobId}/artifacts/${kind}${at === '' ? '' : `/${encodedPath(at)}`}`);
  const places = placesOf(path);
  return (
    <>
      <ArtifactsHead jobId={jobId} path={path}>
        <a class="button" href={`/api/v4${api}`} download>
          <Icon name="download" /> Download all
        </a>
      </ArtifactsHead>
      {problem?.status === 404 ? (
        <EmptyState title="There are no artifacts here">
          <p>
            They may have expired or been erased, or the job kept none. A job keeps what `artifacts:paths`
            names.
          </p>
        </EmptyState>
      ) : problem !== null && entries === undefined ? (
        <ProblemNote problem={problem} onRetry={reload} />
      ) : entries === undefined ? (
        <SkeletonRows />
      ) : (
        <div class="table-frame">
          <table class="artifact-table">
            <thead>
              <tr>
                <th>Name</th>
                <th class="end">Size</th>
                <th class="end">
                  <span class="off-screen">Download</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {places.length === 0 ? null : (
                <tr>
                  <td colSpan={3}>
                    <a class="artifact-name" href={below('browse', places.at(-2)?.path ?? '')} data-row>
                      <Icon name="up" /> Up
                    </a>
                  </td>
                </tr>
              )}
              {entries.map((entry) => (
                <tr key={entry.path}>
                  <td>
                    <a
                      class="artifact-name"
                      href={below(
                        entry.type === 'directory' ? 'browse' : 'file',
                        entry.path.replace(/\/$/, ''),
                      )}
                      data-row
                    >
                      <Icon name={entry.type === 'directory' ? 'folder' : 'file'} />
                      {entry.name}
                    </a>
                  </td>
                  <td class="end number muted">{entry.size === undefined ? '' : bytesText(entry.size)}</td>
                  <td class="end">
                    {entry.type === 'directory' ? null : (
                      <a
                        class="button quiet small icon-only"
                        href={`/api/v4${api}/${encodedPath(entry.path)}`}
                        download={entry.name}
                        aria-label={`Download ${entry.name}`}
                        title="Download"
                      >
                        <Icon name="download" />
                      </a>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {paging === undefined ? null : <Pagination paging={paging} noun="item" words={['Back', 'More']} />}
    </>
  );
}
