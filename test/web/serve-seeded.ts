/** A server full of pipelines to look at while the pages are made: `npx node test/web/serve-seeded.ts [port]`. */
import { ROOT_PASSWORD, ROOT_TOKEN, startTestServer } from '../start-server.ts';
import { seedServer } from './seeded-server.ts';

const { server, drop } = await startTestServer('sqlite', { port: process.argv[2] ?? '8930' });
const seeded = await seedServer(server);
console.log(`${server.url}, user root, password "${ROOT_PASSWORD}", token ${ROOT_TOKEN}`);
console.log(seeded);
process.once('SIGINT', () => void drop().then(() => process.exit(0)));
process.once('SIGTERM', () => void drop().then(() => process.exit(0)));
