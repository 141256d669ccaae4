import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../api/client.ts';
import { type PageProps, query } from '../../router.ts';
import { FormView, TextField, useForm } from '../../shell/form.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { viewer } from '../../shell/viewer.ts';
import './sign-in.css';

/** Name and password become a session; then the reader is where he wanted to go. Who has a password of another's choice chooses one first. */
export default function SignInPage(_: PageProps) {
  usePageTitle(['Sign in']);
  const form = useForm({ login: '', password: '', new_password: '' });
  const [expired, setExpired] = useState(false);
  const wanted = query.value.get('redirect_to') ?? '/';
  const signedIn = viewer.value !== null && viewer.value !== undefined;
  useEffect(() => {
    if (signedIn) location.replace(localPath(wanted));
  }, [signedIn]);
  return (
    <div class="sign-in">
      <h1>Sign in</h1>
      <FormView
        form={form}
        submit="Sign in"
        onSubmit={() =>
          form.send(
            (values) => signIn(values, wanted, () => setExpired(true)),
            (path) => location.assign(path),
          )
        }
      >
        <TextField form={form} name="login" label="Username or e-mail" autocomplete="username" />
        <TextField
          form={form}
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
        />
        {expired ? (
          <TextField
            form={form}
            name="new_password"
            label="New password"
            type="password"
            autocomplete="new-password"
            hint="Your password was set by an administrator. Choose one that only you know."
          />
        ) : null}
      </FormView>
      <p class="muted small">
        The first start of the server printed the password of <code>root</code>; <code>root</code> makes the
        other accounts.
      </p>
    </div>
  );
}

/** The session begins with a page of its own, so the page that follows has its own CSRF token. */
async function signIn(
  { login, password, new_password }: Record<'login' | 'password' | 'new_password', string>,
  wanted: string,
  expired: () => void,
) {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
  const answer = await fetch('/users/sign_in', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': token },
    body: JSON.stringify({
      user: { login, password, ...(new_password === '' ? {} : { new_password }) },
      redirect_to: wanted,
    }),
  }).catch(() => null);
  if (answer?.ok) {
    const { redirect_to: path } = (await answer.json()) as { redirect_to: string };
    return { ok: true as const, value: localPath(path), paging: { next: null, prev: null, total: null } };
  }
  const told = (await answer?.json().catch(() => null)) as Refusal | null | undefined;
  if (told?.password_expired) expired();
  return { ok: false as const, problem: problemOf(answer?.status ?? 0, told) };
}

interface Refusal {
  message?: unknown;
  password_expired?: boolean;
}

function problemOf(status: number, told: Refusal | null | undefined): Problem {
  const wrong = (told?.message as { new_password?: string[] } | undefined)?.new_password?.[0];
  const [text, advice] = told?.password_expired ? EXPIRED : (SAID[status] ?? SAID[0]!);
  const fields = wrong === undefined ? {} : { fields: { new_password: `It ${wrong}.` } };
  return { kind: 'refused', status, text, advice, ...fields };
}

const EXPIRED = ['Your password has expired.', 'Choose a new one below.'] as const;

const SAID: Readonly<Record<number, readonly [string, string]>> = {
  0: ['The server does not answer.', 'Check that it runs, then try again.'],
  400: ['Name and password are both needed.', 'Fill in both fields.'],
  401: ['Name or password is not right.', 'Check both. An administrator can set another password for you.'],
  403: ['This account is blocked.', 'Ask an administrator to unblock it.'],
  422: [
    'This page has been open for too long.',
    'Load it again, then sign in. If that does not help, the server runs behind a proxy and TEASPOON_URL must be the address that you use.',
  ],
  429: ['There were too many failed sign-ins.', 'Wait ten minutes, then try again.'],
};

/** A path of this server (security WEB-8). */
function localPath(path: string): string {
  return /^\/(?![/\\])/.test(path) ? path : '/';
}
