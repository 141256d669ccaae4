import { signal } from '@preact/signals';
import { Icon, type IconName } from './icon.tsx';

type Theme = 'system' | 'light' | 'dark';

const KEY = 'teaspoon.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];
const SIGNS: Readonly<Record<Theme, IconName>> = { system: 'half', light: 'sun', dark: 'moon' };

export const theme = signal<Theme>(ORDER.find((one) => one === localStorage.getItem(KEY)) ?? 'system');

/** Shows the chosen theme; `system` follows the setting of the reader's machine (`style/tokens.css`). */
export function applyTheme(): void {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length]!;
  localStorage.setItem(KEY, theme.value);
  applyTheme();
}

/** Goes through system, light and dark. */
export function ThemeSwitch() {
  const label = `Theme: ${theme.value}`;
  return (
    <button
      type="button"
      class="quiet icon-only"
      aria-label={label}
      title={`${label} (t)`}
      onClick={nextTheme}
    >
      <Icon name={SIGNS[theme.value]} />
    </button>
  );
}
