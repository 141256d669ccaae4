import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import { Read } from '../../shell/reading.tsx';
import { Status } from '../../status.tsx';
import { Time } from '../../time.tsx';

type Obstacle = { rule: string; tags?: string[]; status?: string };

interface Waiting {
  status: string;
  waits_for:
    | { kind: 'jobs'; jobs: { id: number; name: string; status: string }[] }
    | { kind: 'resource_group'; key: string | null; job_id: number | null }
    | { kind: 'time'; at: string | null }
    | { kind: 'user' | 'server' | 'runner' | 'acceptance' }
    | null;
  queued_at: string | null;
  position: number | null;
  runners: {
    id: number;
    description: string | null;
    status: string;
    obstacles: Obstacle[];
    ahead: number | null;
  }[];
}

/** Why a job waits, and what would let it go on. `project` is a path of pages, for links. */
export function WhyItWaits({
  projectId,
  project,
  jobId,
}: {
  projectId: number;
  project: string;
  jobId: number;
}) {
  const waiting = useReading<Waiting>(`/projects/${projectId}/jobs/${jobId}/waiting`);
  useChanges((change) => {
    if (change === null || change.project_id === projectId) waiting.reload();
  });
  return <Read reading={waiting}>{(value) => <Reason value={value} project={project} />}</Read>;
}

function Reason({ value, project }: { value: Waiting; project: string }) {
  const { waits_for: cause } = value;
  if (cause === null) return <p>It waits no longer.</p>;
  switch (cause.kind) {
    case 'jobs':
      return (
        <div class="waiting">
          <p>These jobs come first:</p>
          <ul class="waiting">
            {cause.jobs.map((job) => (
              <li key={job.id}>
                <Status status={job.status} />
                <a href={`/${project}/-/jobs/${job.id}`}>{job.name}</a>
              </li>
            ))}
          </ul>
        </div>
      );
    case 'resource_group':
      return (
        <p>
          One job at a time uses the resource group <code>{cause.key}</code>
          {cause.job_id === null ? '.' : ', now '}
          {cause.job_id === null ? null : (
            <a href={`/${project}/-/jobs/${cause.job_id}`}>job {cause.job_id}</a>
          )}
        </p>
      );
    case 'time':
      return (
        <p>
          It is delayed and starts <Time at={cause.at} />.
        </p>
      );
    case 'user':
      return <p>It is manual: somebody starts it.</p>;
    case 'server':
      return <p>Its downstream pipeline is being created.</p>;
    case 'acceptance':
      return <p>A runner was given it and has yet to begin.</p>;
    case 'runner':
      return <Runners value={value} />;
  }
}

function Runners({ value: { runners, position, queued_at: since } }: { value: Waiting }) {
  const fitting = runners.filter(({ obstacles }) => obstacles.length === 0);
  return (
    <div class="waiting">
      <p>
        <strong>
          {runners.length === 0
            ? 'There is no runner for this project.'
            : fitting.length === 0
              ? 'No runner takes this job as things are.'
              : `A runner takes it as soon as one is free${position === null ? '' : `: it is number ${position} in line`}.`}
        </strong>{' '}
        <span class="muted">
          Waiting since <Time at={since} />.
        </span>
      </p>
      {runners.length === 0 ? (
        <p class="muted">Add one on the page of runners; it shows the commands.</p>
      ) : null}
      <ul class="waiting">
        {runners.map((runner) => (
          <li key={runner.id}>
            <span class={`pill ${runner.obstacles.length === 0 ? 'tone-good' : 'tone-warn'}`}>
              {runner.obstacles.length === 0 ? 'takes it' : 'does not'}
            </span>
            <span>{runner.description || `Runner ${runner.id}`}</span>
            <span class="muted">{runner.obstacles.map(obstacleText).join(' ')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is in the way and what removes it. */
function obstacleText({ rule, tags = [], status = '' }: Obstacle): string {
  switch (rule) {
    case 'paused':
      return 'It is paused: resume it.';
    case 'tags_missing':
      return `It lacks the tag${tags.length === 1 ? '' : 's'} ${tags.join(', ')}: add them to the runner, or take them off the job.`;
    case 'untagged_jobs_not_taken':
      return 'It takes tagged jobs only: give the job one of its tags.';
    case 'protected_refs_only':
      return 'It takes jobs of protected branches and tags only.';
    case 'instance_runners_disabled':
      return 'The project does not let runners of the server in: its CI/CD settings decide that.';
    case 'group_runners_disabled':
      return 'The project does not let runners of its groups in: its CI/CD settings decide that.';
    case 'not_of_this_project':
      return 'It works for other projects.';
    case 'not_online':
      return status === 'never_contacted'
        ? 'It was never started: register it and run it.'
        : 'It has not asked for jobs lately: start it again.';
    default:
      return rule.replaceAll('_', ' ');
  }
}
