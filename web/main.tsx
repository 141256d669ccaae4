import { render } from 'preact';
import { startEvents } from './api/events.ts';
import { followLinks } from './router.ts';
import { App } from './shell/app.tsx';
import { listenToKeys } from './shell/keyboard.ts';
import { applyTheme } from './shell/theme.tsx';
import { readViewer } from './shell/viewer.ts';

applyTheme();
followLinks();
listenToKeys();
void readViewer();
startEvents();
render(<App />, document.querySelector('#app')!);
