import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import NotFoundPage from '../pages/not-found/not-found-page.tsx';
import { type Found, go, type Page, type PageProps, pageAt, path } from '../router.ts';
import { Confirmation } from './dialog.tsx';
import { Header } from './header.tsx';
import { focusFilter, focusRow, useKeys } from './keyboard.ts';
import { KeyboardHelp, showKeyboardHelp } from './keyboard-help.tsx';
import { usePageTitle } from './page-title.ts';
import { ProblemNote } from './problem.tsx';
import { ProjectFrame } from './project-frame.tsx';
import { nextTheme } from './theme.tsx';
import { Toasts } from './toasts.tsx';

/** The whole UI: header, the page of the address, and what lies over it. */
export function App() {
  const found = pageAt(path.value);
  useArrival();
  useKeys('Everywhere', [
    { keys: '?', text: 'Show what the keyboard does', run: showKeyboardHelp },
    { keys: '/', text: 'Put the cursor into the filter', run: focusFilter },
    { keys: 'j', text: 'Next row', run: () => focusRow(1) },
    { keys: 'k', text: 'Previous row', run: () => focusRow(-1) },
    { keys: 'g h', text: 'Go to all projects', run: () => go('/') },
    { keys: 't', text: 'Change between system, light and dark theme', run: nextTheme },
  ]);
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Header params={found?.params ?? {}} />
      {found === null ? (
        <main id="main" tabIndex={-1}>
          <NotFoundPage params={{}} />
        </main>
      ) : found.page.tab === undefined ? (
        <main id="main" tabIndex={-1}>
          <LazyPage found={found} />
        </main>
      ) : (
        <ProjectFrame path={found.params.project!} tab={found.page.tab}>
          <LazyPage found={found} />
        </ProjectFrame>
      )}
      <Confirmation />
      <KeyboardHelp />
      <Toasts />
    </>
  );
}

const loaded = new Map<Page, ComponentType<PageProps>>();

/** The page's component once its code is there; a page of another path is a new one, with no state of the last. */
function LazyPage({ found: { page, params } }: { found: Found }) {
  const [, showAgain] = useState({});
  const [failed, setFailed] = useState(false);
  usePageTitle([page.title]);
  useEffect(() => {
    setFailed(false);
    if (loaded.has(page)) return;
    page.load().then(
      (module) => {
        loaded.set(page, module.default);
        showAgain({});
      },
      () => setFailed(true),
    );
  }, [page]);
  const Content = loaded.get(page);
  if (Content !== undefined) return <Content key={path.value} params={params} />;
  return failed ? <ProblemNote problem={NO_CODE} onRetry={() => location.reload()} /> : null;
}

/** Moves the focus to the page that the reader went to, as a browser does that loads one; not at the first. */
function useArrival(): void {
  const shown = useRef(path.value);
  const address = path.value;
  useEffect(() => {
    if (shown.current === address) return;
    shown.current = address;
    document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
  }, [address]);
}

const NO_CODE = {
  kind: 'offline',
  status: 0,
  text: 'This page could not be loaded.',
  advice: 'The server may have been updated or is away: load it again.',
} as const;
