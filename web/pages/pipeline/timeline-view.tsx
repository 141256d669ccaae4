import './timeline.css';
import { useMemo } from 'preact/hooks';
import { blocksOf } from '../../shell/blocks.ts';
import { StatusIcon, shownStatus, statusTone, statusWord } from '../../status.tsx';
import { clock, now } from '../../time.tsx';
import { addressOf, JobSeconds } from './group-card.tsx';
import { criticalPath, type GraphJob, type PipelineGraph } from './pipeline-graph.ts';

/** About how many marks the axis has. */
const MARKS = 6;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Jobs over time: how long each waited and ran, in the order they were queued. */
export function TimelineView({ graph, path }: { graph: PipelineGraph; path: string }) {
  const critical = useMemo(() => new Set(criticalPath(graph, now.peek()).map((job) => job.id)), [graph]);
  const jobs = graph.jobs
    .filter((job) => beginOf(job) !== null)
    .toSorted((a, b) => (beginOf(a) ?? 0) - (beginOf(b) ?? 0) || a.id - b.id);
  if (jobs.length === 0) return <p class="muted">No job has begun yet.</p>;
  const start = beginOf(jobs[0]!) ?? 0;
  const moving = jobs.some((job) => job.finished_at === null);
  const end = Math.max(
    moving ? now.value : 0,
    ...jobs.map((job) => (job.finished_at === null ? 0 : Date.parse(job.finished_at))),
  );
  const seconds = Math.max(1, (end - start) / 1000);
  const step = STEPS.find((one) => seconds / one <= MARKS) ?? 86_400;
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  const part = (at: number) => `${((at - start) / 10 / seconds).toFixed(3)}%`;
  return (
    <div class="timeline">
      <div class="timeline-axis" aria-hidden="true">
        {marks.map((mark) => (
          <span key={mark} class="number" style={{ left: `${(mark / seconds) * 100}%` }}>
            {clock(mark)}
          </span>
        ))}
      </div>
      {blocksOf(jobs).map((block) => (
        <ul key={block[0]?.id} class="block" style={{ '--rows': block.length }}>
          {block.map((job) => (
            <TimelineRow
              key={job.id}
              job={job}
              path={path}
              part={part}
              end={end}
              critical={critical.has(job.id)}
            />
          ))}
        </ul>
      ))}
    </div>
  );
}

interface RowProps {
  job: GraphJob;
  path: string;
  part(at: number): string;
  end: number;
  critical: boolean;
}

function TimelineRow({ job, path, part, end, critical }: RowProps) {
  const begin = beginOf(job)!;
  const started = job.started_at === null ? null : Date.parse(job.started_at);
  const ended = job.finished_at === null ? end : Date.parse(job.finished_at);
  const shown = shownStatus(job.status, job.allow_failure);
  const waited = started === null ? ended : started;
  const text = `${job.name}: waited ${clock((waited - begin) / 1000)}${started === null ? '' : `, ran ${clock((ended - started) / 1000)}`}`;
  return (
    <li class={`timeline-row tone-${statusTone(shown)}${critical ? ' on-path' : ''}`} title={text}>
      <a class="job-line" data-row href={addressOf(job, path)}>
        <StatusIcon status={shown} label={statusWord(shown)} />
        <span class="clip">{job.name}</span>
        <JobSeconds job={job} />
      </a>
      <span class="timeline-track">
        <span class="timeline-wait" style={{ left: part(begin), right: `calc(100% - ${part(waited)})` }} />
        {started === null ? null : (
          <span class="timeline-run" style={{ left: part(started), right: `calc(100% - ${part(ended)})` }} />
        )}
      </span>
    </li>
  );
}

/** When it began to wait, or to run. */
function beginOf(job: GraphJob): number | null {
  const at = job.queued_at ?? job.started_at;
  return at === null ? null : Date.parse(at);
}
