import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where systems have a Chromium; `TEASPOON_TEST_CHROMIUM` names another one. */
const PLACES = [
  process.env.TEASPOON_TEST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The program of the system's Chromium, or null where there is none. */
export function findChromium(): string | null {
  return PLACES.find((place) => place !== '' && existsSync(place)) ?? null;
}

/** No window, no sandbox for root, nobody called from behind one's back. */
const OPTIONS = {
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Starts the browser that all test files share; its address is theirs as `TEASPOON_TEST_BROWSER`. Null without a Chromium. */
export async function startSharedBrowser(): Promise<{ address: string; stop(): Promise<void> } | null> {
  const executablePath = findChromium();
  if (executablePath === null) return null;
  const shared = await chromium.launchServer({ ...OPTIONS, executablePath });
  return { address: shared.wsEndpoint(), stop: () => shared.close() };
}

/** The shared browser, or one of its own for a file that is run alone. Throws without a Chromium. */
export async function openBrowser(): Promise<Browser> {
  const address = process.env.TEASPOON_TEST_BROWSER;
  if (address !== undefined) return await chromium.connect(address);
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium: install the package chromium');
  return await chromium.launch({ ...OPTIONS, executablePath });
}
