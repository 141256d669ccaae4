/** What npm runs after `npm ci`: the build, where the tools for it are there. Plain JavaScript: the node may be an old one. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('node_modules/rolldown')) {
  process.exitCode = spawnSync('npm run build', { shell: true, stdio: 'inherit' }).status ?? 1;
} else if (existsSync('dist/main.js')) {
  console.log('Without the build tools dist/ stays as it was built; npm ci builds it anew.');
} else {
  console.error(`Nothing is built: --omit=dev leaves out the tools that build dist/.
Run npm ci, which builds it, and then npm prune --omit=dev, which takes the tools away again.`);
  process.exitCode = 1;
}
