import { render } from 'preact';
import { followLinks } from './router.ts';
import { App } from './shell/app.tsx';
import { listenToKeys } from './shell/keyboard.ts';
import { applyTheme } from './shell/theme.tsx';
import { readViewer } from './shell/viewer.ts';

applyTheme();
followLinks();
listenToKeys();
void readViewer();
render(<App />, document.querySelector('#app')!);
