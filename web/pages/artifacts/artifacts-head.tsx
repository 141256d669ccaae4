import type { ComponentChildren } from 'preact';
import type { Job } from '../../api/jobs.ts';
import { useReading } from '../../api/reading.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { encodedPath, placesOf } from './artifact-path.ts';

interface ArtifactsHeadProps {
  jobId: string;
  /** Of the directory or file that is shown. */
  path: string;
  /** What can be done with it. */
  children: ComponentChildren;
}

/** Where in the artifacts of a job the page is, and the way up. */
export function ArtifactsHead({ jobId, path, children }: ArtifactsHeadProps) {
  const project = useProject();
  const { value: job } = useReading<Job>(projectApi(project, `/jobs/${Number(jobId)}`));
  const browse = (at: string) =>
    projectAddress(project, `jobs/${jobId}/artifacts/browse${at === '' ? '' : `/${encodedPath(at)}`}`);
  const places = placesOf(path);
  const name = places.at(-1)?.name ?? 'Artifacts';
  usePageTitle([name, `Artifacts of ${job?.name ?? `#${jobId}`}`, project.path_with_namespace]);
  useBreadcrumbs([
    { text: job?.name ?? `Job #${jobId}`, address: projectAddress(project, `jobs/${jobId}`) },
    { text: 'Artifacts', address: browse('') },
  ]);
  return (
    <div class="page-head">
      <h1 class="artifact-place">
        {places.length === 0 ? (
          'Artifacts'
        ) : (
          <a href={browse('')} aria-label="All artifacts">
            Artifacts
          </a>
        )}
        {places.map((place, index) => (
          <span key={place.path}>
            <span class="muted"> / </span>
            {index === places.length - 1 ? place.name : <a href={browse(place.path)}>{place.name}</a>}
          </span>
        ))}
      </h1>
      <div class="actions">{children}</div>
    </div>
  );
}
