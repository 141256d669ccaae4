import './job-list.css';
import { query, setQuery } from '../../router.ts';
import { blocksOf } from '../../shell/blocks.ts';
import { Icon } from '../../shell/icon.tsx';
import { Status } from '../../status.tsx';
import { now, Time } from '../../time.tsx';
import { addressOf, JobSeconds } from './group-card.tsx';
import { type Acting, JobActionButton } from './job-action.tsx';
import { type GraphJob, type PipelineGraph, secondsOf } from './pipeline-graph.ts';

type Order = 'stage' | 'name' | 'status' | 'duration' | 'started';

const ORDERS: readonly (readonly [order: Order, words: string])[] = [
  ['status', 'Status'],
  ['name', 'Job'],
  ['stage', 'Stage'],
  ['started', 'Started'],
  ['duration', 'Duration'],
];

/** The order of statuses in the list: trouble first. */
const STATUS_ORDER = [
  'failed',
  'running',
  'pending',
  'manual',
  'scheduled',
  'created',
  'canceled',
  'success',
  'skipped',
];

/** All jobs below each other, sorted as the address says. */
export function ListView({ graph, path, acting }: { graph: PipelineGraph; path: string; acting: Acting }) {
  const order = (query.value.get('sort') ?? 'stage') as Order;
  const jobs = sorted(graph, order);
  return (
    <div class="job-list-frame">
      <p class="job-list-head">
        {ORDERS.map(([name, words]) => (
          <button
            key={name}
            type="button"
            class={`quiet small order-${name}`}
            aria-pressed={order === name}
            aria-label={`Sort by ${words.toLowerCase()}`}
            onClick={() => setQuery({ sort: name === 'stage' ? null : name })}
          >
            {words}
            {order === name ? <Icon name="down" /> : null}
          </button>
        ))}
      </p>
      {blocksOf(jobs).map((block) => (
        <ul key={block[0]?.id} class="job-rows block" style={{ '--rows': block.length }}>
          {block.map((job) => (
            <ListRow key={job.id} job={job} path={path} acting={acting} />
          ))}
        </ul>
      ))}
    </div>
  );
}

function ListRow({ job, path, acting }: { job: GraphJob; path: string; acting: Acting }) {
  return (
    <li class="job-list-row">
      <Status status={job.status} allowFailure={job.allow_failure} />
      <a class="clip" data-row href={addressOf(job, path)}>
        {job.name}
      </a>
      <span class="muted clip order-stage">{job.stage}</span>
      <span class="order-started">
        <Time at={job.started_at} />
      </span>
      <JobSeconds job={job} />
      <span class="job-list-action">
        <JobActionButton job={job} acting={acting} />
      </span>
    </li>
  );
}

function sorted({ jobs }: PipelineGraph, order: Order): readonly GraphJob[] {
  const at = now.peek();
  const rank = (job: GraphJob) => {
    const index = STATUS_ORDER.indexOf(job.status);
    return index === -1 ? STATUS_ORDER.length : index;
  };
  switch (order) {
    case 'duration':
      return jobs.toSorted((a, b) => (secondsOf(b, at) ?? -1) - (secondsOf(a, at) ?? -1));
    case 'name':
      return jobs.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    case 'status':
      return jobs.toSorted((a, b) => rank(a) - rank(b));
    case 'started':
      return jobs.toSorted((a, b) => (a.started_at ?? '~').localeCompare(b.started_at ?? '~'));
    default:
      return jobs;
  }
}
