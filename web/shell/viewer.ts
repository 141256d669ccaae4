import { signal } from '@preact/signals';
import type { userAdmin } from '../../src/api/entities/user.ts';
import { get } from '../api/client.ts';

type User = Pick<ReturnType<typeof userAdmin>, 'id' | 'username' | 'name'> & { is_admin?: boolean };

/** Who looks: null for somebody who is not signed in, undefined until the server has said. */
export const viewer = signal<User | null | undefined>(undefined);

/** Asks the server who looks. */
export async function readViewer(): Promise<void> {
  const result = await get<User>('/user', { signal: AbortSignal.timeout(30_000) });
  viewer.value = result.ok ? result.value : null;
}

/** Address of the sign-in page that leads back here. */
export function signInAddress(): string {
  return `/users/sign_in?redirect_to=${encodeURIComponent(location.pathname + location.search)}`;
}
