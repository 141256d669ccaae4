import type { ComponentChildren } from 'preact';
import { SideFrame } from '../../shell/side-frame.tsx';
import { viewer } from '../../shell/viewer.ts';
import NotFoundPage from '../not-found/not-found-page.tsx';

const PLACES = [
  { text: 'Users', address: '/admin/users' },
  { text: 'Groups', address: '/admin/groups' },
  { text: 'Runners', address: '/admin/runners' },
  { text: 'Variables', address: '/admin/variables' },
  { text: 'Settings', address: '/admin/application_settings' },
];

/** Pages of the whole server, for its administrators; for all others there is nothing here. */
export function AdminFrame({ children }: { children: ComponentChildren }) {
  if (viewer.value === undefined) return null;
  if (!viewer.value?.is_admin) return <NotFoundPage params={{}} />;
  return (
    <SideFrame label="Administration" places={PLACES}>
      {children}
    </SideFrame>
  );
}
