import { Breadcrumbs } from './breadcrumbs.tsx';
import { Freshness } from './freshness.tsx';
import { Icon } from './icon.tsx';
import { showKeyboardHelp } from './keyboard-help.tsx';
import { ThemeSwitch } from './theme.tsx';
import { UserMenu } from './user-menu.tsx';

/** The line on top of every page: where one is, and what belongs to the reader. */
export function Header({ params }: { params: Readonly<Record<string, string>> }) {
  return (
    <header class="top">
      <a class="mark" href="/">
        <span class="off-screen">Teaspoon: all projects</span>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <ellipse cx="6" cy="14" rx="3.6" ry="2.5" transform="rotate(-45 6 14)" />
          <path d="M8.2 11.8 16 4" />
        </svg>
      </a>
      <Breadcrumbs project={params.project ?? null} />
      <div class="top-end">
        <Freshness />
        <button
          type="button"
          class="quiet icon-only wide-only"
          aria-label="Keyboard shortcuts"
          title="Keyboard (?)"
          onClick={showKeyboardHelp}
        >
          <Icon name="keyboard" />
        </button>
        <ThemeSwitch />
        <UserMenu />
      </div>
    </header>
  );
}
