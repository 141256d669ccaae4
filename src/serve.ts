import { startServer, type TeaspoonServer } from './server.ts';
import { readSettings, settingsHelp } from './settings.ts';
import { VERSION } from './version.ts';

/** The command `teaspoon serve`. */
export async function serve(words: string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(`Usage: teaspoon serve [settings]\n\nStarts the server.\n\n${settingsHelp()}`);
    return 0;
  }
  const server = await startServer(readSettings(words, process.env));
  console.log(`Teaspoon ${VERSION} listens on ${server.url}`);
  if (server.firstStart !== null) {
    const { token, password } = server.firstStart;
    const remote = `${server.url.replace('://', `://root:${token}@`)}/root/app.git`;
    console.log(`
This is the first start. What follows is shown once:
  user      root
  password  ${password}
  token     ${token}

Push a repository, and its pipeline starts:
  git remote add teaspoon ${remote}
  git push teaspoon HEAD:main
`);
  }
  return keepServing(server);
}

/** Serves until a signal asks for the end; a second one does not wait. Gives the exit code. */
export function keepServing(server: TeaspoonServer): Promise<number> {
  return new Promise((resolve) => {
    let ending = false;
    const end = () => {
      if (ending) process.exit(1);
      ending = true;
      server.close().then(
        () => resolve(0),
        (error: unknown) => {
          console.error(error);
          resolve(1);
        },
      );
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}
