import type { scheduleEntity } from '../../../src/api/entities/schedule.ts';
import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { act, actIfSure } from '../../shell/act.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { levelOf } from '../../shell/project-navigation.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Table } from '../../shell/table.tsx';
import { viewer } from '../../shell/viewer.ts';
import { Status } from '../../status.tsx';
import { Time } from '../../time.tsx';
import { cronWords } from './cron-words.ts';

type Schedule = ReturnType<typeof scheduleEntity>;

const DEVELOPER = 30;
const MAINTAINER = 40;

/** Pipelines that start by the clock. */
export default function SchedulesPage(_: PageProps) {
  const project = useProject();
  usePageTitle(['Schedules', project.path_with_namespace]);
  const schedules = useReading<Schedule[]>(projectApi(project, '/pipeline_schedules'), { per_page: 100 });
  const mayMake = levelOf(project) >= DEVELOPER;
  const make = mayMake ? (
    <a class="button primary" href={projectAddress(project, 'pipeline_schedules/new')}>
      <Icon name="plus" /> New schedule
    </a>
  ) : null;
  return (
    <>
      <div class="page-head">
        <h1>Schedules</h1>
        <div class="actions">{make}</div>
      </div>
      <Read
        reading={schedules}
        empty={
          <EmptyState title="Nothing starts by the clock yet">
            <p>
              A schedule starts a pipeline of a branch or tag again and again: a nightly build, a weekly
              clean-up. Its jobs see <code>CI_PIPELINE_SOURCE</code> as <code>schedule</code>, so{' '}
              <code>rules:</code> can tell it from a push.
            </p>
            <p class="actions">{make}</p>
          </EmptyState>
        }
      >
        {(list) => (
          <Table
            columns={['Schedule', 'When', 'Next', ['Last pipeline', 'wide-only'], ['Owner', 'wide-only']]}
            actions
          >
            {list.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} onChange={schedules.reload} />
            ))}
          </Table>
        )}
      </Read>
    </>
  );
}

interface LastPipeline {
  last_pipeline: { id: number; status: string } | null;
}

function ScheduleRow({ schedule, onChange }: { schedule: Schedule; onChange(): void }) {
  const project = useProject();
  const path = projectApi(project, `/pipeline_schedules/${schedule.id}`);
  const details = useReading<LastPipeline>(path);
  useChanges((change) => {
    if (change === null || (change.kind === 'pipeline' && change.project_id === project.id)) details.reload();
  });
  const last = details.value?.last_pipeline ?? null;
  const level = levelOf(project);
  const isOwn = schedule.owner?.id === viewer.value?.id;
  const mayEdit = level >= MAINTAINER || (level >= DEVELOPER && isOwn);
  const name = schedule.description;
  const remove = async () => {
    const question = {
      title: `Delete ${name}?`,
      text: 'It starts no more pipelines. Those that it started stay.',
      action: 'Delete',
    };
    if (await actIfSure(question, 'DELETE', path, { done: `${name} was deleted.` })) onChange();
  };
  const play = async () => {
    if (await act('POST', `${path}/play`, { done: `${name} starts a pipeline now.` })) details.reload();
  };
  const own = async () => {
    if (await act('POST', `${path}/take_ownership`, { done: `${name} runs as you from now on.` })) onChange();
  };
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <p class="muted small">
          <Icon name="branch" /> {shortRef(schedule.ref)}
        </p>
      </td>
      <td>
        {cronWords(schedule.cron) ?? schedule.cron}
        <p class="muted small">
          <code>{schedule.cron}</code> {schedule.cron_timezone}
        </p>
      </td>
      <td>
        {schedule.active ? <Time at={schedule.next_run_at} /> : <span class="pill tone-wait">paused</span>}
      </td>
      <td class="wide-only">
        {last === null ? (
          <span class="muted">none yet</span>
        ) : (
          <a href={projectAddress(project, `pipelines/${last.id}`)}>
            <Status status={last.status} />
          </a>
        )}
      </td>
      <td class="wide-only">{schedule.owner?.name ?? '–'}</td>
      <td class="end">
        <div class="actions">
          {level >= DEVELOPER ? (
            <button type="button" class="small" aria-label={`Play ${name}`} onClick={play}>
              <Icon name="play" /> Play
            </button>
          ) : null}
          {level >= MAINTAINER && !isOwn ? (
            <button type="button" class="small" aria-label={`Take ownership of ${name}`} onClick={own}>
              Take ownership
            </button>
          ) : null}
          {mayEdit ? (
            <>
              <a
                class="button small"
                data-row
                aria-label={`Edit ${name}`}
                href={projectAddress(project, `pipeline_schedules/${schedule.id}/edit`)}
              >
                Edit
              </a>
              <RemoveButton label={`Delete ${name}`} onClick={remove} />
            </>
          ) : null}
        </div>
      </td>
    </tr>
  );
}

/** A ref without `refs/heads/` or `refs/tags/`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}
