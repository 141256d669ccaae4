import { callApi } from '../../start-server.ts';

/** A server under test: Teaspoon started by the test, or any other that speaks this API. */
export interface Target {
  url: string;
  /** A token of an administrator, with scope `api`. */
  token: string;
}

/** The server that `CONFORMANCE_URL` and `CONFORMANCE_TOKEN` name, or null: then the tests start their own. */
export function targetOfEnvironment(): Target | null {
  const { CONFORMANCE_URL: url, CONFORMANCE_TOKEN: token } = process.env;
  if (url === undefined) return null;
  if (token === undefined) throw new Error('CONFORMANCE_URL needs CONFORMANCE_TOKEN, an administrator’s');
  return { url: url.replace(/\/+$/, ''), token };
}

/** A call as the administrator that must succeed; its body. */
export async function must<T = Record<string, unknown>>(
  { url, token }: Target,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await callApi<T>(url, method, path, { token, ...(body === undefined ? {} : { body }) });
  if (answer.status >= 300) {
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}
