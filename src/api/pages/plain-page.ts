/**
 * What the server says to a browser when the web UI was not built: what runs here, how to push to it and how to build the
 * UI. It says nothing about what is stored. Unstyled, as the policy for pages allows no style of its own.
 */
export function plainPage(baseUrl: string): string {
  const base = escaped(baseUrl);
  const remote = base.replace('://', '://root:&lt;token&gt;@');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csrf-token" content="">
<title>Teaspoon</title>
</head>
<body>
<h1>Teaspoon</h1>
<p>GitLab's CI, in a teaspoon. This server is running, without its web UI: <code>npm run build:web</code> builds it.</p>
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
