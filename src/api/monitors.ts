import { BlockList } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address may ask for health and metrics: the machine itself (rest-resources 12.4). */
export function isMonitor(address: string): boolean {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address);
  const plain = mapped?.[1] ?? address;
  return LOOPBACK.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4');
}
