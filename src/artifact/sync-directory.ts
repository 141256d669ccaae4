import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes the names in the directory at `path` durable: new, renamed and removed ones. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
