import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { jobEntity } from '../../../src/api/entities/job.ts';
import { useChanges } from '../../api/events.ts';
import type { Waiting } from '../../api/jobs.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { Pills } from '../../shell/pills.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { Section } from '../../shell/section.tsx';
import { Table } from '../../shell/table.tsx';
import { viewer } from '../../shell/viewer.ts';
import { Time } from '../../time.tsx';
import { JobWaiting } from '../job/job-waiting.tsx';
import { Runners } from './runners.tsx';

type Job = Pick<ReturnType<typeof jobEntity>, 'id' | 'name' | 'ref' | 'created_at'> & { tag_list: string[] };

/** Runners that may take a project's jobs, and the jobs that wait for one. */
export default function ProjectRunnersPage(_: PageProps) {
  const project = useProject();
  usePageTitle(['Runners', project.path_with_namespace]);
  const [changes, setChanges] = useState(0);
  return (
    <>
      <Runners
        path={projectApi(project, '/runners')}
        place={{ runner_type: 'project_type', project_id: project.id }}
        manages={(runner) => runner.runner_type === 'project_type' || viewer.value?.is_admin === true}
        onChange={() => setChanges((count) => count + 1)}
      />
      <WaitingJobs key={changes} />
    </>
  );
}

function WaitingJobs() {
  const project = useProject();
  const jobs = useReading<Job[]>(projectApi(project, '/jobs'), { scope: ['pending'], per_page: 20 });
  const [open, setOpen] = useState<number | null>(null);
  useChanges((change) => {
    if (change === null || (change.kind === 'queue' && change.project_id === project.id)) jobs.reload();
  });
  const list = jobs.value ?? [];
  if (list.length === 0) return null;
  const shown = open ?? list[0]!.id;
  return (
    <Section title="Jobs that wait for a runner">
      <Table columns={['Job', ['Tags', 'wide-only'], 'Since']} actions>
        {list.map((job) => (
          <Fragment key={job.id}>
            <tr>
              <td>
                <a data-row href={projectAddress(project, `jobs/${job.id}`)}>
                  {job.name}
                </a>{' '}
                <span class="muted small">{job.ref}</span>
              </td>
              <td class="wide-only">
                <Pills texts={job.tag_list} />
              </td>
              <td>
                <Time at={job.created_at} />
              </td>
              <td class="end">
                <button
                  type="button"
                  class="small"
                  aria-expanded={shown === job.id}
                  aria-label={`Why does ${job.name} wait?`}
                  onClick={() => setOpen(job.id)}
                >
                  Why?
                </button>
              </td>
            </tr>
            {shown === job.id ? (
              <tr>
                <td colSpan={4}>
                  <WhyItWaits jobId={job.id} />
                </td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </Table>
    </Section>
  );
}

function WhyItWaits({ jobId }: { jobId: number }) {
  const project = useProject();
  const waiting = useReading<Waiting>(projectApi(project, `/jobs/${jobId}/waiting`));
  useChanges((change) => {
    if (change === null || change.kind === 'queue') waiting.reload();
  });
  return <Read reading={waiting}>{(value) => <JobWaiting waiting={value} />}</Read>;
}
