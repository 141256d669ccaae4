import { useState } from 'preact/hooks';
import type { hookEntity } from '../../../src/api/entities/hook.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { actIfSure } from '../../shell/act.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Pills } from '../../shell/pills.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Table } from '../../shell/table.tsx';
import { HookForm } from './hook-form.tsx';
import { SettingsFrame } from './settings-frame.tsx';

export type Hook = ReturnType<typeof hookEntity>;

/** Addresses that are told of what happens here. */
export default function HooksPage(_: PageProps) {
  const project = useProject();
  const path = projectApi(project, '/hooks');
  const hooks = useReading<Hook[]>(path, { per_page: 100 });
  const [making, setMaking] = useState(false);
  const remove = async (hook: Hook) => {
    const question = {
      title: 'Delete this webhook?',
      text: `${hook.url} is told of nothing more. Its log of deliveries goes with it.`,
      action: 'Delete',
    };
    if (await actIfSure(question, 'DELETE', `${path}/${hook.id}`, { done: 'The webhook was deleted.' }))
      hooks.reload();
  };
  const done = () => {
    setMaking(false);
    hooks.reload();
  };
  return (
    <SettingsFrame title="Webhooks">
      {making ? (
        <HookForm hook={null} path={path} onDone={done} onCancel={() => setMaking(false)} />
      ) : (
        <p class="actions">
          <button type="button" class="primary" onClick={() => setMaking(true)}>
            <Icon name="plus" /> New webhook
          </button>
        </p>
      )}
      <Read
        reading={hooks}
        empty={
          making ? null : (
            <EmptyState title="Nobody is told yet">
              <p>
                A webhook is an address that gets a POST with JSON whenever something happens: a push, a job,
                a pipeline. Chat rooms, dashboards and other systems listen that way.
              </p>
            </EmptyState>
          )
        }
      >
        {(list) => (
          <Table spaced columns={['Address', 'Is told of', 'State']} actions>
            {list.map((hook) => (
              <tr key={hook.id}>
                <td>
                  <a data-row href={projectAddress(project, `hooks/${hook.id}/edit`)}>
                    {hook.name || hook.url}
                  </a>
                  {hook.name ? <p class="muted small">{hook.url}</p> : null}
                </td>
                <td>
                  <Pills texts={toldOf(hook)} />
                </td>
                <td>
                  <HookState hook={hook} />
                </td>
                <td class="end">
                  <RemoveButton label={`Delete ${hook.name || hook.url}`} onClick={() => remove(hook)} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Read>
    </SettingsFrame>
  );
}

function toldOf(hook: Hook): string[] {
  return [
    ...(hook.push_events ? ['pushes'] : []),
    ...(hook.tag_push_events ? ['tags'] : []),
    ...(hook.job_events ? ['jobs'] : []),
    ...(hook.pipeline_events ? ['pipelines'] : []),
  ];
}

/** Whether it is told, or was switched off because it kept failing. */
export function HookState({ hook }: { hook: Hook }) {
  if (hook.alert_status === 'executable') return <span class="pill tone-good">works</span>;
  return (
    <span class="pill tone-bad" title="It failed too often. A test that succeeds switches it on again.">
      {hook.alert_status.replaceAll('_', ' ')}
    </span>
  );
}
