import { useState } from 'preact/hooks';
import type { triggerEntity } from '../../../src/api/entities/trigger.ts';
import { send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { actIfSure } from '../../shell/act.ts';
import { Commands } from '../../shell/commands.tsx';
import { FormView, TextField, useForm } from '../../shell/form.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Secret } from '../../shell/secret.tsx';
import { Table } from '../../shell/table.tsx';
import { Time } from '../../time.tsx';

type Trigger = ReturnType<typeof triggerEntity>;

/** Tokens with which other systems start pipelines. */
export function Triggers() {
  const project = useProject();
  const path = projectApi(project, '/triggers');
  const triggers = useReading<Trigger[]>(path, { per_page: 100 });
  const [made, setMade] = useState<string | null>(null);
  const form = useForm({ description: '' });
  const add = () =>
    form.send(
      (body) => send<Trigger>('POST', path, { body }),
      ({ token }) => {
        form.set({ description: '' });
        setMade(token);
        triggers.reload();
      },
    );
  const remove = async (trigger: Trigger) => {
    const question = {
      title: `Revoke ${trigger.description}?`,
      text: 'Whatever starts pipelines with it is refused from now on.',
      action: 'Revoke',
    };
    const done = `${trigger.description} was revoked.`;
    if (await actIfSure(question, 'DELETE', `${path}/${trigger.id}`, { done })) triggers.reload();
  };
  return (
    <>
      {made === null ? null : (
        <Secret title="The trigger token was made" text={made} onDone={() => setMade(null)}>
          <p>It starts a pipeline like this:</p>
          <Commands
            lines={[
              `curl -X POST -F token=${made} -F ref=${project.default_branch ?? 'main'} ${location.origin}/api/v4/projects/${project.id}/trigger/pipeline`,
            ]}
          />
        </Secret>
      )}
      <Read reading={triggers} empty={<p class="muted">There are none yet.</p>}>
        {(list) => (
          <Table spaced columns={['For', 'Token', ['Starts them as', 'wide-only'], 'Last used']} actions>
            {list.map((trigger) => (
              <tr key={trigger.id}>
                <td>{trigger.description}</td>
                <td class="mono">{trigger.token.slice(0, 10)}…</td>
                <td class="wide-only">{trigger.owner?.name ?? '–'}</td>
                <td>{trigger.last_used === null ? 'never' : <Time at={trigger.last_used} />}</td>
                <td class="end">
                  <RemoveButton label={`Revoke ${trigger.description}`} onClick={() => remove(trigger)} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Read>
      <FormView form={form} submit="Make trigger token" onSubmit={add}>
        <TextField form={form} name="description" label="Description" hint="What starts pipelines with it." />
      </FormView>
    </>
  );
}
