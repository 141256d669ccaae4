import { useState } from 'preact/hooks';
import { send } from '../../api/client.ts';
import { actIfSure } from '../../shell/act.ts';
import { CheckList, Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { Pills } from '../../shell/pills.tsx';
import { Secret } from '../../shell/secret.tsx';
import { Table } from '../../shell/table.tsx';
import { Time } from '../../time.tsx';

export type TokenScopes = readonly (readonly [scope: string, text: string])[];

interface Token {
  id: number;
  name: string;
  scopes: readonly string[];
  created_at: string | null;
  last_used_at: string | null;
  expires_at: string | null;
}

/** A new token of a user, or of a project with a role; it is shown once. */
export function TokenForm({
  path,
  scopes,
  roles,
  onMade,
}: {
  path: string;
  scopes: TokenScopes;
  /** Levels that a token of a project may have. */
  roles?: readonly (readonly [level: string, text: string])[];
  onMade(): void;
}) {
  const inAYear = new Date(Date.now() + 364 * 86_400_000).toISOString().slice(0, 10);
  const initial = { name: '', scopes: '', expires_at: inAYear, access_level: roles?.at(-1)?.[0] ?? '' };
  const form = useForm(initial);
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    return <Secret title="The token was made" text={secret} onDone={() => setSecret(null)} />;
  }
  const create = () =>
    form.send(
      (values) =>
        send<{ token: string }>('POST', path, {
          body: {
            name: values.name,
            scopes: values.scopes.split(',').filter((scope) => scope !== ''),
            expires_at: values.expires_at || null,
            ...(roles === undefined ? {} : { access_level: Number(values.access_level) }),
          },
        }),
      ({ token }) => {
        form.set(initial);
        setSecret(token);
        onMade();
      },
    );
  return (
    <FormView form={form} submit="Make token" onSubmit={create}>
      <div class="fields">
        <TextField form={form} name="name" label="Name" hint="What will use it." />
        <TextField
          form={form}
          name="expires_at"
          label="Last day"
          type="date"
          hint="It ends by itself then."
        />
        {roles === undefined ? null : (
          <Choice
            form={form}
            name="access_level"
            label="Role"
            options={roles}
            hint="It can do no more than this role."
          />
        )}
      </div>
      <CheckList form={form} name="scopes" label="Scopes" options={scopes} />
    </FormView>
  );
}

/** Tokens that work, each with the way to end it. */
export function TokenTable({
  tokens,
  pathOf,
  onChange,
}: {
  tokens: readonly Token[];
  pathOf(token: Token): string;
  onChange(): void;
}) {
  if (tokens.length === 0) return <p class="muted">There are none. What a token did is not lost with it.</p>;
  const revoke = async (token: Token) => {
    const question = {
      title: `Revoke ${token.name}?`,
      text: 'Whatever uses this token is refused from now on. This cannot be taken back.',
      action: 'Revoke',
    };
    if (await actIfSure(question, 'DELETE', pathOf(token), { done: `${token.name} was revoked.` }))
      onChange();
  };
  return (
    <Table
      columns={['Name', 'Scopes', ['Made', 'wide-only'], ['Last used', 'wide-only'], 'Last day']}
      actions
    >
      {tokens.map((token) => (
        <tr key={token.id}>
          <td>{token.name}</td>
          <td>
            <Pills texts={token.scopes} />
          </td>
          <td class="wide-only">
            <Time at={token.created_at} />
          </td>
          <td class="wide-only">
            {token.last_used_at === null ? 'never' : <Time at={token.last_used_at} />}
          </td>
          <td class="number">{token.expires_at ?? 'none'}</td>
          <td class="end">
            <button
              type="button"
              class="danger small"
              aria-label={`Revoke ${token.name}`}
              onClick={() => revoke(token)}
            >
              Revoke
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}
