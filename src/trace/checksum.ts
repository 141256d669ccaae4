import { crc32 } from 'node:zlib';

/** CRC-32 (IEEE) of `bytes`, continuing from the CRC of what came before. */
export function continueCrc(bytes: Uint8Array, before = 0): number {
  return crc32(bytes, before);
}

/** As the runner writes it: `crc32:` and eight lower-case hex digits (runner-api 4). */
export function formatChecksum(crc: number): string {
  return `crc32:${crc.toString(16).padStart(8, '0')}`;
}

/** What the runner says about its whole log when the job ends. `bytesize` is omitted when 0, and by older runners. */
export interface SaidAboutTrace {
  checksum: string | null;
  bytesize: number | null;
}

/** Whether stored bytes are what the runner says it sent. Without a checksum there is nothing to compare. */
export function agrees(said: SaidAboutTrace, stored: { size: number; crc: number }): boolean {
  if (said.checksum === null || said.checksum === '') return true;
  return said.checksum === formatChecksum(stored.crc) && (said.bytesize ?? stored.size) === stored.size;
}
