import { useEffect } from 'preact/hooks';
import { faviconOf, statusWord } from '../status.tsx';

/** Names the browser's tab, most telling part first; a status is its first word and its favicon. */
export function usePageTitle(parts: readonly string[], status: string | null = null): void {
  const title = [...(status === null ? [] : [statusWord(status)]), ...parts, 'Teaspoon'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon !== null) icon.href = faviconOf(status);
  }, [status]);
}
