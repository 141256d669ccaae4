import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { go } from '../../router.ts';
import { SideFrame } from '../../shell/side-frame.tsx';
import { signInAddress, viewer } from '../../shell/viewer.ts';

const PLACES = [
  { text: 'Access tokens', address: '/-/user_settings/personal_access_tokens' },
  { text: 'Sessions', address: '/-/user_settings/active_sessions' },
  { text: 'Password', address: '/-/user_settings/password' },
];

/** The reader's own pages; a stranger signs in first. */
export function ProfileFrame({ title, children }: { title: string; children: ComponentChildren }) {
  const anonymous = viewer.value === null;
  useEffect(() => {
    if (anonymous) go(signInAddress(), { replace: true });
  }, [anonymous]);
  if (!viewer.value) return null;
  return (
    <SideFrame label="Your settings" places={PLACES}>
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      {children}
    </SideFrame>
  );
}
