import { useState } from 'preact/hooks';
import type { userAdmin } from '../../../src/api/entities/user.ts';
import { send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { type PageProps, query, setQuery } from '../../router.ts';
import { act, actIfSure } from '../../shell/act.ts';
import { Dialog } from '../../shell/dialog.tsx';
import { useQueryField } from '../../shell/field-state.ts';
import { Check, FormView, TextField, useForm } from '../../shell/form.tsx';
import { Icon } from '../../shell/icon.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Pagination } from '../../shell/pagination.tsx';
import { Read } from '../../shell/reading.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { SearchField } from '../../shell/search-field.tsx';
import { Table } from '../../shell/table.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { viewer } from '../../shell/viewer.ts';
import { Time } from '../../time.tsx';
import { AdminFrame } from './admin-frame.tsx';

type User = ReturnType<typeof userAdmin>;

const FILTERS = [
  ['', 'All'],
  ['active', 'Active'],
  ['blocked', 'Blocked'],
  ['admins', 'Administrators'],
] as const;

/** Everybody who has an account. */
export default function UsersPage(_: PageProps) {
  usePageTitle(['Users']);
  return (
    <AdminFrame>
      <Users />
    </AdminFrame>
  );
}

function Users() {
  const [search, typeSearch] = useQueryField('search');
  const filter = query.value.get('filter') ?? '';
  const users = useReading<User[]>('/users', {
    search: query.value.get('search'),
    ...(filter === '' ? {} : { [filter]: true }),
    humans: true,
    page: query.value.get('page'),
    per_page: 30,
  });
  const [edited, setEdited] = useState<User | 'new' | null>(null);
  return (
    <>
      <div class="page-head">
        <h1>Users</h1>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setEdited('new')}>
            <Icon name="plus" /> New user
          </button>
        </div>
      </div>
      <div class="filters">
        <SearchField label="Name, username or e-mail" value={search} onInput={typeSearch} />
        <div class="segments">
          {FILTERS.map(([value, text]) => (
            <button
              key={value}
              type="button"
              aria-pressed={filter === value}
              onClick={() => setQuery({ filter: value, page: null })}
            >
              {text}
            </button>
          ))}
        </div>
      </div>
      <Read reading={users}>
        {(list) => (
          <>
            <Table
              columns={['Person', 'E-mail', ['State', 'wide-only'], ['Last sign-in', 'wide-only']]}
              actions
            >
              {list.map((user) => (
                <UserRow key={user.id} user={user} onEdit={setEdited} onChange={users.reload} />
              ))}
            </Table>
            {list.length === 0 ? (
              <p class="muted">Nobody fits. Try fewer letters, or another filter.</p>
            ) : null}
            {users.paging === undefined ? null : <Pagination paging={users.paging} noun="user" />}
          </>
        )}
      </Read>
      {edited === null ? null : (
        <UserDialog
          user={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onDone={() => {
            setEdited(null);
            users.reload();
          }}
        />
      )}
    </>
  );
}

function UserRow({ user, onEdit, onChange }: { user: User; onEdit(user: User): void; onChange(): void }) {
  const isSelf = user.id === viewer.value?.id;
  const blocked = user.state !== 'active';
  const block = async () => {
    const verb = user.state === 'deactivated' ? 'activate' : blocked ? 'unblock' : 'block';
    const done = blocked
      ? `${user.name} may sign in again.`
      : `${user.name} is blocked and signed out everywhere.`;
    if (await act('POST', `/users/${user.id}/${verb}`, { done })) onChange();
  };
  const remove = async () => {
    const question = {
      title: `Delete ${user.name}?`,
      text: 'The account, its tokens and memberships go; pipelines that it started stay under another name.',
      action: 'Delete user',
    };
    if (await actIfSure(question, 'DELETE', `/users/${user.id}`, { done: `${user.name} was deleted.` }))
      onChange();
  };
  return (
    <tr>
      <td>
        <strong>{user.name}</strong> <span class="muted">@{user.username}</span>{' '}
        {user.is_admin ? <span class="pill tone-later">administrator</span> : null}
      </td>
      <td>{user.email}</td>
      <td class="wide-only">
        <span class={`pill ${blocked ? 'tone-bad' : 'tone-good'}`}>{user.state}</span>
      </td>
      <td class="wide-only">
        {user.last_sign_in_at === null ? (
          <span class="muted">never</span>
        ) : (
          <Time at={user.last_sign_in_at} />
        )}
      </td>
      <td class="end">
        <div class="actions">
          <button
            type="button"
            class="small"
            data-row
            aria-label={`Edit ${user.name}`}
            onClick={() => onEdit(user)}
          >
            Edit
          </button>
          {isSelf ? null : (
            <>
              <button
                type="button"
                class="small"
                aria-label={`${blocked ? 'Unblock' : 'Block'} ${user.name}`}
                onClick={block}
              >
                {blocked ? 'Unblock' : 'Block'}
              </button>
              <RemoveButton label={`Delete ${user.name}`} onClick={remove} />
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

function UserDialog({ user, onClose, onDone }: { user: User | null; onClose(): void; onDone(): void }) {
  const form = useForm({
    name: user?.name ?? '',
    username: user?.username ?? '',
    email: user?.email ?? '',
    password: '',
    admin: user?.is_admin ?? false,
    external: user?.external ?? false,
  });
  const isSelf = user !== null && user.id === viewer.value?.id;
  const save = () =>
    form.send(
      ({ password, ...values }) =>
        send(user === null ? 'POST' : 'PUT', user === null ? '/users' : `/users/${user.id}`, {
          body: { ...values, ...(password === '' && user !== null ? {} : { password }) },
        }),
      () => {
        toastDone(`${form.values.name} was saved.`);
        // One's own session went on under a new secret, and with it the CSRF token of every page.
        if (isSelf && form.values.password !== '') location.reload();
        onDone();
      },
    );
  return (
    <Dialog title={user === null ? 'New user' : `Edit ${user.name}`} onClose={onClose}>
      <FormView form={form} submit={user === null ? 'Make user' : 'Save'} onSubmit={save} onCancel={onClose}>
        <TextField form={form} name="name" label="Name" />
        <div class="fields">
          <TextField
            form={form}
            name="username"
            label="Username"
            mono
            hint="Also the place of their own projects."
          />
          <TextField form={form} name="email" label="E-mail" type="email" />
        </div>
        <TextField
          form={form}
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          hint={
            user === null
              ? 'At least 8 characters; tell it to them, they change it themselves.'
              : isSelf
                ? 'Empty: as it is. A new one signs you out everywhere else.'
                : 'Empty: as it is. A new one signs them out everywhere; they choose their own when they sign in.'
          }
        />
        {isSelf ? null : (
          <>
            <Check form={form} name="admin" label="Administrator" hint="May do everything on this server." />
            <Check
              form={form}
              name="external"
              label="External"
              hint="Sees only projects and groups of which they are a member, internal ones neither."
            />
          </>
        )}
      </FormView>
    </Dialog>
  );
}
