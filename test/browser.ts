import assert from 'node:assert/strict';

/** What a browser keeps: its cookie, and the CSRF token of the page that it shows. */
export class Browser {
  readonly url: string;
  cookie = '';
  csrf = '';

  constructor(url: string) {
    this.url = url;
  }

  /** Headers of what a page of ours sends; GET needs the cookie alone. */
  get headers(): Record<string, string> {
    return { cookie: this.cookie, 'x-csrf-token': this.csrf };
  }

  /** One request with the cookie; keeps the cookie of the answer. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = this.headers) {
    const type = { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: { ...(body === undefined || headers['content-type'] !== undefined ? {} : type), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const given = response.headers.get('set-cookie')?.split(';')[0];
    if (given !== undefined) this.cookie = given;
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  }

  /** Loads a page, and with it the CSRF token. */
  async open(path: string) {
    const page = await this.send('GET', path);
    this.csrf = /<meta name="csrf-token" content="([^"]*)">/.exec(page.text)?.[1] ?? '';
    return page;
  }

  /** Signs in on the sign-in page, as the page does it, and shows the page after it; with another password if the first expired. */
  async signIn(login: string, password: string, another?: string): Promise<this> {
    await this.open('/users/sign_in');
    const user = { login, password, ...(another === undefined ? {} : { new_password: another }) };
    const answer = await this.send('POST', '/users/sign_in', { user });
    assert.equal(answer.status, 200, answer.text);
    await this.open('/');
    return this;
  }

  /** GET of the API, parsed. */
  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.send('GET', `/api/v4${path}`);
    assert.equal(status, 200, text);
    return JSON.parse(text) as T;
  }
}
