import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { Browser as HttpBrowser } from '../browser.ts';
import { ENGINES } from '../databases.ts';
import { ROOT_PASSWORD, startTestServer, type TestServer } from '../start-server.ts';
import { findChromium, openBrowser } from './chromium.ts';

/** A server with a real browser in front of it. */
export class WebWorld<S extends { url: string } = TestServer> {
  readonly server: S;
  readonly browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #cookies = new Map<string, string>();

  constructor(server: S, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  /**
   * A page of somebody who is signed in: root, another user with a password, or nobody (null). What the page writes to
   * its console as an error, and every script that fails, fails the test.
   */
  async visit(
    address: string,
    {
      as = { login: 'root', password: ROOT_PASSWORD },
      ...options
    }: { as?: { login: string; password: string } | null } & BrowserContextOptions = {},
  ): Promise<Page> {
    const context = await this.browser.newContext({ baseURL: this.server.url, ...options });
    this.#contexts.push(context);
    if (as !== null) {
      const [name, ...value] = (await this.#cookieOf(as)).split('=');
      await context.addCookies([{ name: name!, value: value.join('='), url: this.server.url }]);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => this.failures.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      const expected = /Failed to load resource/.test(message.text());
      if (message.type() === 'error' && !expected) this.failures.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(address);
    return page;
  }

  /** Everybody signs in once. */
  async #cookieOf({ login, password }: { login: string; password: string }): Promise<string> {
    const known = this.#cookies.get(login);
    if (known !== undefined) return known;
    const { cookie } = await new HttpBrowser(this.server.url).signIn(login, password);
    this.#cookies.set(login, cookie);
    return cookie;
  }

  /** What went wrong inside of pages so far. */
  readonly failures: string[] = [];

  /** Closes all pages; fails when something went wrong inside of one. */
  async leave(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
    assert.deepEqual(this.failures.splice(0), []);
  }
}

/** Runs a suite with a browser on one server; skipped, and says so, where the system has no Chromium. */
export function webSuite(name: string, suite: (world: () => WebWorld) => void): void {
  if (findChromium() === null) {
    describe(name, { skip: 'no Chromium on this system: install the package chromium' }, () => {});
    return;
  }
  describe(name, () => {
    let world: WebWorld;
    let drop: () => Promise<void>;
    before(async () => {
      const started = await startTestServer(ENGINES[0]!);
      drop = started.drop;
      world = new WebWorld(started.server, await openBrowser());
    });
    after(async () => {
      // The server and the browser end whatever went wrong before: what stays open keeps the test run from ending.
      await world.leave().finally(() => world.browser.close().finally(drop));
    });
    suite(() => world);
  });
}
