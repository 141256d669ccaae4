import { useEffect } from 'preact/hooks';
import { go, type PageProps } from '../../router.ts';

/** A group's page is the list of its projects. */
export default function GroupPage({ params }: PageProps) {
  useEffect(() => go(`/?group=${encodeURIComponent(params.group!)}`, { replace: true }), []);
  return null;
}
