import { initial } from './user-menu.tsx';

/** Who did it: an initial, and the name when pointed at. */
export function Person({ user }: { user: { name: string; username: string } | null }) {
  if (user === null) return null;
  return (
    <span class="avatar" role="img" aria-label={user.name} title={`${user.name} (@${user.username})`}>
      {initial(user.name)}
    </span>
  );
}
