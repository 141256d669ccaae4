import { send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { act, actIfSure } from '../../shell/act.ts';
import { Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Section } from '../../shell/section.tsx';
import { Table } from '../../shell/table.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { viewer } from '../../shell/viewer.ts';

interface Member {
  id: number;
  username: string;
  name: string;
  access_level: number;
  expires_at: string | null;
}

export const ROLES = [
  ['10', 'Guest'],
  ['15', 'Planner'],
  ['20', 'Reporter'],
  ['30', 'Developer'],
  ['40', 'Maintainer'],
  ['50', 'Owner'],
] as const;

/** Members of a project or a group, with those that it has from groups above. `path` is of the API. */
export function Members({ path }: { path: string }) {
  const own = useReading<Member[]>(`${path}/members`, { per_page: 100 });
  const all = useReading<Member[]>(`${path}/members/all`, { per_page: 100 });
  const reload = () => {
    own.reload();
    all.reload();
  };
  const direct = new Set((own.value ?? []).map(({ id }) => id));
  const inherited = (all.value ?? []).filter(({ id }) => !direct.has(id));
  return (
    <>
      <Section title="Members">
        <Read reading={own} empty={<p class="muted">Nobody was added here.</p>}>
          {(list) => (
            <Table spaced columns={['Person', 'Role', ['Last day', 'wide-only']]} actions>
              {list.map((member) => (
                <MemberRow key={member.id} member={member} path={path} onChange={reload} />
              ))}
            </Table>
          )}
        </Read>
        <MemberForm path={path} onAdded={reload} />
      </Section>
      {inherited.length === 0 ? null : (
        <Section title="From groups above">
          <Table>
            {inherited.map((member) => (
              <tr key={member.id}>
                <td>
                  <Person member={member} />
                </td>
                <td>{roleWord(member.access_level)}</td>
              </tr>
            ))}
          </Table>
        </Section>
      )}
    </>
  );
}

function Person({ member }: { member: Member }) {
  return (
    <>
      <strong>{member.name}</strong> <span class="muted">@{member.username}</span>
      {member.id === viewer.value?.id ? <span class="pill">you</span> : null}
    </>
  );
}

function MemberRow({ member, path, onChange }: { member: Member; path: string; onChange(): void }) {
  const change = async (level: string) => {
    const done = `${member.name} is a ${roleWord(Number(level)).toLowerCase()} now.`;
    await act('PUT', `${path}/members/${member.id}`, { body: { access_level: Number(level) }, done });
    onChange();
  };
  const remove = async () => {
    const question = {
      title: `Remove ${member.name}?`,
      text: 'What needs this membership is refused from now on. What the person did stays.',
      action: 'Remove',
    };
    const done = `${member.name} was removed.`;
    if (await actIfSure(question, 'DELETE', `${path}/members/${member.id}`, { done })) onChange();
  };
  return (
    <tr>
      <td>
        <Person member={member} />
      </td>
      <td>
        <select
          aria-label={`Role of ${member.name}`}
          value={String(member.access_level)}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        >
          {ROLES.map(([level, text]) => (
            <option key={level} value={level}>
              {text}
            </option>
          ))}
        </select>
      </td>
      <td class="wide-only number">{member.expires_at ?? 'none'}</td>
      <td class="end">
        <RemoveButton label={`Remove ${member.name}`} onClick={remove} />
      </td>
    </tr>
  );
}

function MemberForm({ path, onAdded }: { path: string; onAdded(): void }) {
  const empty = { username: '', access_level: '30', expires_at: '' };
  const form = useForm(empty);
  const people = useReading<{ username: string }[]>('/users', {
    search: form.values.username.length > 1 ? form.values.username : null,
    active: true,
    per_page: 20,
  });
  const add = () =>
    form.send(
      ({ username, access_level, expires_at }) =>
        send('POST', `${path}/members`, {
          body: { username, access_level: Number(access_level), expires_at: expires_at || null },
        }),
      () => {
        toastDone(`${form.values.username} was added.`);
        form.set(empty);
        onAdded();
      },
    );
  return (
    <FormView form={form} submit="Add member" onSubmit={add}>
      <div class="fields">
        <TextField
          form={form}
          name="username"
          label="Username"
          choices={(people.value ?? []).map(({ username }) => username)}
        />
        <Choice form={form} name="access_level" label="Role" options={ROLES} />
        <TextField form={form} name="expires_at" label="Last day" type="date" hint="Empty: for good." />
      </div>
    </FormView>
  );
}

export function roleWord(level: number): string {
  return ROLES.findLast(([from]) => Number(from) <= level)?.[1] ?? 'No role';
}
