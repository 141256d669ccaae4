import type { ConfigFiles } from '../files.ts';

export type FilesMethod = keyof ConfigFiles;

/** Files whose every method is asked by its name. */
export function askedFiles(
  ask: (method: FilesMethod) => (...args: unknown[]) => Promise<never>,
  readsArtifacts: boolean,
): ConfigFiles {
  return {
    readLocal: ask('readLocal'),
    listPaths: ask('listPaths'),
    openProject: ask('openProject'),
    readRemote: ask('readRemote'),
    readTemplate: ask('readTemplate'),
    readComponent: ask('readComponent'),
    changedPaths: ask('changedPaths'),
    urls: ask('urls'),
    ...(readsArtifacts ? { readArtifact: ask('readArtifact') } : {}),
  };
}

/** Asks a method of files by its name. */
export function callFiles(files: ConfigFiles, method: FilesMethod, args: unknown[]): unknown {
  return (files[method] as (...args: unknown[]) => unknown).apply(files, args);
}
