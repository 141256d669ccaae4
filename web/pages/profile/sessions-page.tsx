import type { SessionEntity } from '../../../src/api/entities/session.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { act } from '../../shell/act.ts';
import { Read } from '../../shell/reading.tsx';
import { Table } from '../../shell/table.tsx';
import { viewer } from '../../shell/viewer.ts';
import { Time } from '../../time.tsx';
import { ProfileFrame } from './profile-frame.tsx';

/** Browsers in which the reader is signed in. */
export default function SessionsPage(_: PageProps) {
  const sessions = useReading<SessionEntity[]>(viewer.value ? '/user/sessions' : null);
  const end = async (id: number) => {
    if (await act('DELETE', `/user/sessions/${id}`, { done: 'That browser was signed out.' }))
      sessions.reload();
  };
  return (
    <ProfileFrame title="Sessions">
      <p class="muted">
        Browsers in which you are signed in. A session ends after a week without use, and after a month in any
        case.
      </p>
      <Read reading={sessions}>
        {(list) => (
          <Table columns={['Browser', 'Address', ['Signed in', 'wide-only'], 'Last used']} actions>
            {list.map((session) => (
              <tr key={session.id}>
                <td title={session.user_agent}>
                  {browserName(session.user_agent)}{' '}
                  {session.current ? <span class="pill tone-good">this one</span> : null}
                </td>
                <td class="mono">{session.ip_address}</td>
                <td class="wide-only">
                  <Time at={session.created_at} />
                </td>
                <td>
                  <Time at={session.last_used_at} />
                </td>
                <td class="end">
                  {session.current ? null : (
                    <button
                      type="button"
                      class="small"
                      aria-label={`Sign out ${browserName(session.user_agent)}`}
                      onClick={() => end(session.id)}
                    >
                      Sign out
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Read>
    </ProfileFrame>
  );
}

/** "Firefox on Linux", as far as the browser says. */
function browserName(agent: string): string {
  const browser = ['Firefox', 'Edg', 'Chrome', 'Safari'].find((name) => agent.includes(name));
  const system = ['Windows', 'Android', 'iPhone', 'Mac OS X', 'Linux'].find((name) => agent.includes(name));
  const name = browser === 'Edg' ? 'Edge' : (browser ?? (agent.split(/[ /]/)[0] || 'Unknown browser'));
  return system === undefined ? name : `${name} on ${system === 'Mac OS X' ? 'macOS' : system}`;
}
