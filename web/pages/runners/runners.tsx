import { useState } from 'preact/hooks';
import type { runnerDetails } from '../../../src/api/entities/runner-details.ts';
import { useChanges } from '../../api/events.ts';
import { useReading } from '../../api/reading.ts';
import { query } from '../../router.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Pagination } from '../../shell/pagination.tsx';
import { Read } from '../../shell/reading.tsx';
import { RunnerDialog } from './runner-dialog.tsx';
import { type Runner, RunnerRow } from './runner-row.tsx';
import './runners.css';
import { Table } from '../../shell/table.tsx';

/** For whom a new runner is made; its parameters. */
export type RunnerPlace =
  | { runner_type: 'instance_type' }
  | { runner_type: 'group_type'; group_id: number }
  | { runner_type: 'project_type'; project_id: number };

/** Runners of a project, a group or the server: how they stand, what each does now, and how to add one. */
export function Runners({
  path,
  place,
  manages,
  onChange,
}: {
  path: string;
  place: RunnerPlace;
  /** Whether the reader manages runners of this type. */
  manages(runner: Runner): boolean;
  /** One was made, changed or deleted. */
  onChange?: () => void;
}) {
  const page = query.value.get('page') ?? '1';
  const runners = useReading<Runner[]>(path, { page, per_page: 20 });
  const [edited, setEdited] = useState<ReturnType<typeof runnerDetails> | 'new' | null>(null);
  useChanges((change) => {
    if (change === null || change.kind === 'job') runners.reload();
  });
  const changed = () => {
    runners.reload();
    onChange?.();
  };
  return (
    <>
      <div class="page-head">
        <h1>Runners</h1>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setEdited('new')}>
            <Icon name="plus" /> New runner
          </button>
        </div>
      </div>
      <Read
        reading={runners}
        empty={
          <EmptyState title="No runner takes these jobs">
            <p>
              A runner is a program that asks this server for jobs and runs them, on your machine or in your
              cluster. <em>New runner</em> makes one here and shows the command that registers{' '}
              <code>gitlab-runner</code> as it.
            </p>
            <p>
              The server has one of its own, too: start it with <code>--runner on</code>.
            </p>
          </EmptyState>
        }
      >
        {(list) => (
          <>
            <Table kind="runners" columns={['State', 'Runner', 'Now', ['Last contact', 'wide-only']]} actions>
              {list.map((runner) => (
                <RunnerRow
                  key={`${runner.id} ${runner.paused} ${runner.job_execution_status}`}
                  runner={runner}
                  managed={manages(runner)}
                  onEdit={setEdited}
                  onChange={changed}
                />
              ))}
            </Table>
            {runners.paging === undefined ? null : <Pagination paging={runners.paging} noun="runner" />}
          </>
        )}
      </Read>
      {edited === null ? null : (
        <RunnerDialog
          place={place}
          runner={edited === 'new' ? null : edited}
          onChange={changed}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  );
}
