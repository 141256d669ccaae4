import { fromBufferPromise } from 'yauzl';

/** The entries of a zip by name, in their order; a directory's content is empty. */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes);
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = [];
    if (!entry.fileName.endsWith('/')) {
      for await (const part of await zip.openReadStreamPromise(entry)) parts.push(Buffer.from(part));
    }
    files.set(entry.fileName, Buffer.concat(parts));
  }
  return files;
}
