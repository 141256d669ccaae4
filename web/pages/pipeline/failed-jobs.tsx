import { useEffect, useState } from 'preact/hooks';
import { JOINT, visibleText } from '../../../src/trace/line.ts';
import { failureWords } from '../../failure-reason.ts';
import { Icon } from '../../shell/icon.tsx';
import { StatusIcon } from '../../status.tsx';
import { addressOf } from './group-card.tsx';
import { type Acting, JobActionButton } from './job-action.tsx';
import type { GraphJob, PipelineGraph } from './pipeline-graph.ts';

/** Failed jobs that are named; the rest is counted. */
const NAMED = 10;

/** What somebody comes for when a pipeline is red: which jobs, why, and the end of their logs. */
export function FailedJobs({ graph, path, acting }: { graph: PipelineGraph; path: string; acting: Acting }) {
  const failed = graph.jobs
    .filter((job) => job.status === 'failed')
    .toSorted((a, b) => Number(a.allow_failure) - Number(b.allow_failure));
  if (failed.length === 0) return null;
  return (
    <section class="failed-jobs" aria-label="Failed jobs">
      <ul>
        {failed.slice(0, NAMED).map((job) => (
          <FailedJob key={job.id} job={job} path={path} acting={acting} />
        ))}
      </ul>
      {failed.length > NAMED ? (
        <p class="small muted">and {failed.length - NAMED} more: sort the list by status</p>
      ) : null}
    </section>
  );
}

function FailedJob({ job, path, acting }: { job: GraphJob; path: string; acting: Acting }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div class="failed-job">
        <StatusIcon status="failed" allowFailure={job.allow_failure} />
        <a data-row href={addressOf(job, path)}>
          <strong>{job.name}</strong>
        </a>
        <span class="muted clip">
          {job.stage} · {failureWords(job.failure_reason ?? 'unknown_failure')}
          {job.allow_failure ? ' · allowed to fail' : ''}
        </span>
        <span class="actions">
          {job.type === 'build' && job.started_at !== null ? (
            <button type="button" class="quiet small" aria-expanded={open} onClick={() => setOpen(!open)}>
              <Icon name={open ? 'down' : 'right'} />
              Log
            </button>
          ) : null}
          <JobActionButton job={job} acting={acting} words />
        </span>
      </div>
      {open ? <LogEnd projectId={acting.projectId} jobId={job.id} /> : null}
    </li>
  );
}

const END_BYTES = 4096;
const END_LINES = 12;

/** The last lines of a log as a reader sees them, without colours and times. */
function LogEnd({ projectId, jobId }: { projectId: number; jobId: number }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    readEnd(projectId, jobId, controller.signal).then(setText, () => {});
    return () => controller.abort();
  }, [projectId, jobId]);
  return <pre class="log-end">{text ?? '…'}</pre>;
}

async function readEnd(projectId: number, jobId: number, signal: AbortSignal): Promise<string> {
  const headers = { range: `bytes=-${END_BYTES}` };
  const response = await fetch(`/api/v4/projects/${projectId}/jobs/${jobId}/trace`, { headers, signal });
  if (!response.ok) return 'There is no log to show.';
  const lines = (await response.text()).replace(JOINT, '').split('\n').map(visibleText);
  return lines.join('\n').trimEnd().split('\n').slice(-END_LINES).join('\n') || 'The log is empty.';
}
