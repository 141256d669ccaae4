import { Icon } from '../../shell/icon.tsx';
import { StatusIcon, shownStatus, statusWord } from '../../status.tsx';
import { clock, now } from '../../time.tsx';
import type { Card } from './graph-layout.ts';
import { type Acting, JobActionButton } from './job-action.tsx';
import { type GraphJob, nameInGroup, secondsOf } from './pipeline-graph.ts';

interface CardProps {
  card: Card;
  /** Full path of the project. */
  path: string;
  acting: Acting;
  /** It lies on the critical path. */
  critical: boolean;
  downstream: ReadonlySet<number>;
  onToggle(): void;
  onDownstream(job: GraphJob): void;
}

/** A job, or the jobs that `parallel` made of one, as a card of the graph. */
export function GroupCard({ card, path, acting, critical, downstream, onToggle, onDownstream }: CardProps) {
  const { group, y, height, open } = card;
  const classes = `card${critical ? ' on-path' : ''}`;
  const place = { top: `${y}px`, height: `${height}px` };
  const [job] = group.jobs;
  if (group.jobs.length === 1 && job !== undefined) {
    return (
      <div class={classes} style={place} data-card={group.name}>
        <JobLine
          job={job}
          name={job.name}
          path={path}
          acting={acting}
          downstream={downstream}
          onDownstream={onDownstream}
        />
      </div>
    );
  }
  const done = group.jobs.filter((one) => one.finished_at !== null).length;
  return (
    <div class={`${classes} is-group`} style={place} data-card={group.name}>
      <button type="button" class="group-line" data-row aria-expanded={open} onClick={onToggle}>
        <StatusIcon status={group.status} label={statusWord(group.status)} />
        <span class="clip">{group.name}</span>
        <span class="group-count number">
          {done === group.jobs.length ? done : `${done}/${group.jobs.length}`}
        </span>
        <Icon name={open ? 'down' : 'right'} />
      </button>
      {open ? (
        <ul>
          {group.jobs.map((one) => (
            <li key={one.id} data-card={one.name}>
              <JobLine
                job={one}
                name={nameInGroup(one.name)}
                path={path}
                acting={acting}
                downstream={downstream}
                onDownstream={onDownstream}
              />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

interface LineProps extends Pick<CardProps, 'path' | 'acting' | 'downstream' | 'onDownstream'> {
  job: GraphJob;
  name: string;
}

function JobLine({ job, name, path, acting, downstream, onDownstream }: LineProps) {
  const word = statusWord(shownStatus(job.status, job.allow_failure));
  const needs = job.needs === null || job.needs.length === 0 ? '' : `; needs ${job.needs.join(', ')}`;
  const shown = job.downstream !== null && downstream.has(job.id);
  return (
    <>
      <a
        class="job-line"
        data-row
        href={addressOf(job, path)}
        title={`${job.name}: ${word.toLowerCase()}${needs}`}
      >
        <StatusIcon status={job.status} allowFailure={job.allow_failure} label={word} />
        <span class="clip">{name}</span>
        {job.retries > 0 ? (
          <span class="pill number" title={`Tried ${job.retries + 1} times`}>
            ×{job.retries + 1}
          </span>
        ) : null}
        <JobSeconds job={job} />
      </a>
      {job.downstream === null ? null : (
        <button
          type="button"
          class="quiet small icon-only"
          aria-expanded={shown}
          aria-label={`Downstream pipeline of ${job.name}`}
          title={`Downstream: ${job.downstream.project_path} #${job.downstream.id}`}
          onClick={() => onDownstream(job)}
        >
          <Icon name={shown ? 'down' : 'right'} />
        </button>
      )}
      <JobActionButton job={job} acting={acting} />
    </>
  );
}

/** A bridge has no page of its own: it leads to the pipeline that it started. */
export function addressOf(job: GraphJob, path: string): string {
  if (job.type !== 'bridge') return `/${path}/-/jobs/${job.id}`;
  return job.downstream === null
    ? `/${path}/-/jobs/${job.id}`
    : `/${job.downstream.project_path}/-/pipelines/${job.downstream.id}`;
}

/** How long it took, or has run; counts on only while it runs. */
export function JobSeconds({ job }: { job: GraphJob }) {
  const seconds = secondsOf(job, job.finished_at === null && job.started_at !== null ? now.value : 0);
  return seconds === null ? null : <span class="job-seconds number">{clock(seconds)}</span>;
}
