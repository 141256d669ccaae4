import { type Route, route } from '../route.ts';

/** Nothing from outside, no script (security WEB-5). */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** GET /: what runs here and how to push to it, for people with a browser. It says nothing about what is stored. */
const frontPage = route({
  method: 'GET',
  path: '/',
  access: { by: 'anyone' },
  input: {},
  async handle({ baseUrl }) {
    return { status: 200, headers: HEADERS, body: page(escaped(baseUrl)) };
  },
});

export const pageRoutes: readonly Route[] = [frontPage];

function page(base: string): string {
  const remote = base.replace('://', '://root:&lt;token&gt;@');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Teaspoon</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
pre { padding: .75rem 1rem; overflow-x: auto; border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); border-radius: .4rem; }
</style>
</head>
<body>
<h1>Teaspoon</h1>
<p>GitLab's CI, in a teaspoon. This server is running.</p>
<h2>Push a repository</h2>
<pre><code>git remote add teaspoon ${remote}/root/app.git
git push teaspoon HEAD:main</code></pre>
<p>The push makes the project, and its <code>.gitlab-ci.yml</code> becomes a pipeline.</p>
<h2>Look at it</h2>
<pre><code>curl -H "PRIVATE-TOKEN: &lt;token&gt;" ${base}/api/v4/projects/root%2Fapp/pipelines
curl -H "PRIVATE-TOKEN: &lt;token&gt;" ${base}/api/v4/projects/root%2Fapp/jobs</code></pre>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
