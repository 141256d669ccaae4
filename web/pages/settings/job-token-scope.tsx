import { segment, send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { act } from '../../shell/act.ts';
import { Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';

interface Allowed {
  id: number;
  path_with_namespace?: string;
  name: string;
  web_url: string;
}

/** Whose jobs may use their token on this project. */
export function JobTokenScope() {
  const project = useProject();
  const path = projectApi(project, '/job_token_scope');
  const scope = useReading<{ inbound_enabled: boolean }>(path);
  const projects = useReading<Allowed[]>(`${path}/allowlist`, { per_page: 100 });
  const groups = useReading<Allowed[]>(`${path}/groups_allowlist`, { per_page: 100 });
  const limited = scope.value?.inbound_enabled ?? true;
  const form = useForm({ kind: 'project', path: '' });
  const limit = async () => {
    const done = limited ? 'Jobs of all projects are let in.' : 'Only listed jobs are let in.';
    if (await act('PATCH', path, { body: { enabled: !limited }, done })) scope.reload();
  };
  const add = () =>
    form.send(
      async ({ kind, path: name }) => {
        const found = await send<{ id: number }>('GET', `/${kind}s/${segment(name)}`);
        if (!found.ok) {
          const fields = { path: `names no ${kind} that you may see` };
          return { ok: false, problem: { ...found.problem, fields } };
        }
        const list = kind === 'project' ? 'allowlist' : 'groups_allowlist';
        return await send('POST', `${path}/${list}`, { body: { [`target_${kind}_id`]: found.value.id } });
      },
      () => {
        form.set({ path: '' });
        projects.reload();
        groups.reload();
      },
    );
  const remove = async (kind: string, { id, name }: Allowed) => {
    if (await act('DELETE', `${path}/${kind}/${id}`, { done: `Jobs of ${name} are no longer let in.` })) {
      projects.reload();
      groups.reload();
    }
  };
  const rows = [
    ...(projects.value ?? []).map((one) => ({
      kind: 'allowlist',
      one,
      text: one.path_with_namespace ?? one.name,
    })),
    ...(groups.value ?? []).map((one) => ({ kind: 'groups_allowlist', one, text: `${one.name} (group)` })),
  ];
  return (
    <>
      <p class="actions">
        <span class={`pill ${limited ? 'tone-good' : 'tone-warn'}`}>
          {limited ? 'listed projects only' : 'every project'}
        </span>
        <button type="button" class="small" onClick={limit} disabled={scope.value === undefined}>
          {limited ? 'Let all in' : 'Let only listed ones in'}
        </button>
      </p>
      <div class="table-frame spaced">
        <table class="headless">
          <tbody>
            {rows.map(({ kind, one, text }) => (
              <tr key={`${kind} ${one.id}`}>
                <td>{text}</td>
                <td class="end">
                  {kind === 'allowlist' && one.id === project.id ? (
                    <span class="muted small">itself</span>
                  ) : (
                    <RemoveButton label={`Remove ${text}`} onClick={() => remove(kind, one)} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <FormView form={form} submit="Let in" onSubmit={add}>
        <div class="fields">
          <Choice
            form={form}
            name="kind"
            label="What"
            options={[
              ['project', 'A project'],
              ['group', 'All projects of a group'],
            ]}
          />
          <TextField form={form} name="path" label="Path" mono placeholder="group/project" />
        </div>
      </FormView>
    </>
  );
}
