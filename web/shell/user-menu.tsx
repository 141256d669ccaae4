import { useEffect, useRef } from 'preact/hooks';
import { path } from '../router.ts';
import { toastProblem } from './toasts.tsx';
import { signInAddress, viewer } from './viewer.ts';

/** The reader's own things; or the way to sign in. */
export function UserMenu() {
  const details = useRef<HTMLDetailsElement>(null);
  const address = path.value;
  useEffect(() => {
    if (details.current !== null) details.current.open = false;
  }, [address]);
  useEffect(() => {
    const closeOutside = (event: Event) => {
      const menu = details.current;
      if (menu !== null && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, []);
  if (viewer.value === undefined) return null;
  if (viewer.value === null) {
    return (
      <a class="button" href={signInAddress()}>
        Sign in
      </a>
    );
  }
  const { username, name, is_admin: admin } = viewer.value;
  return (
    <details
      ref={details}
      class="user-menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && details.current !== null) details.current.open = false;
      }}
    >
      <summary aria-label={`Signed in as ${username}`} title={`${name} (@${username})`}>
        <span class="avatar" aria-hidden="true">
          {initial(name)}
        </span>
      </summary>
      <div class="menu">
        <p>
          <strong>{name}</strong>
          <span class="muted">@{username}</span>
        </p>
        <a href="/-/user_settings/personal_access_tokens">Access tokens</a>
        <a href="/-/user_settings/active_sessions">Sessions</a>
        <a href="/groups/new">New group</a>
        {admin ? <a href="/admin/users">Administration</a> : null}
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    </details>
  );
}

/** First letter of a name, whatever alphabet it is in. */
export function initial(name: string): string {
  return ([...name.trim()][0] ?? '?').toUpperCase();
}

async function signOut(): Promise<void> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
  const answer = await fetch('/users/sign_out', { method: 'POST', headers: { 'x-csrf-token': token } }).catch(
    () => null,
  );
  if (answer?.ok) location.assign('/users/sign_in');
  else
    toastProblem({
      kind: 'offline',
      status: 0,
      text: 'You are still signed in.',
      advice: 'The server did not answer: try again.',
    });
}
